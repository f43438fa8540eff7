#include "host/io/array_file.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <limits>

#include "host/base/file.h"
#include "tests/io/pickles.h"
#include "tests/io/support.h"

namespace gan::io {
namespace {

template <class T>
std::string bytes_of(std::initializer_list<T> values) {
  return {reinterpret_cast<const char*>(values.begin()), values.size() * sizeof(T)};
}

// The text of a header.
std::string dictionary(const std::string& descr, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
}

std::string npy(const std::string& header, const std::string& values, char version = 1) {
  const auto length = static_cast<std::uint32_t>(header.size());
  const std::string length_bytes = bytes_of({length}).substr(0, version == 1 ? 2 : 4);
  return std::string("\x93NUMPY") + version + '\0' + length_bytes + header + values;
}

const std::string kFloats = npy(dictionary("<f4", "(2, 3)"), counting_floats(6));

class Arrays : public testing::Test {
 protected:
  std::filesystem::path write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
    return folder_ / name;
  }
  std::vector<float> values(const std::filesystem::path& path) const {
    ArrayFile array(path);
    return array.read(array.count());
  }
  std::vector<float> values(const std::string& bytes) const {
    return values(write("a.npy", bytes));
  }
  void refuses(const std::string& reason, const std::string& bytes) const {
    const std::filesystem::path path = write("a.npy", bytes);
    base::expect_error([&] { values(path); }, "cannot read ", path.string(), reason);
  }
  std::filesystem::path write_npz(const Records& records, zip_int32_t method = ZIP_CM_STORE) const {
    write_zip(folder_ / "a.npz", records, method);
    return folder_ / "a.npz";
  }
  void refuses_npz(const std::string& reason) const {
    base::expect_error([&] { values(folder_ / "a.npz"); }, "cannot read ", "a.npz", reason);
  }

  base::TemporaryFolder folder_;
};

TEST_F(Arrays, ReadsEveryType) {
  EXPECT_EQ(values(kFloats), (std::vector<float>{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(values(npy(dictionary("<f8", "(3,)"), bytes_of({0.25, 1.0, -7.5}))),
            (std::vector<float>{0.25F, 1, -7.5F}));
  EXPECT_EQ(values(npy(dictionary("|u1", "(2, 2, 1)"), bytes_of<std::uint8_t>({0, 51, 128, 255}))),
            (std::vector<float>{0, 0.2F, 128 / 255.0F, 1}));
}

TEST_F(Arrays, ReadsTruthValuesAndHalves) {
  EXPECT_EQ(values(npy(dictionary("|b1", "(3,)"), bytes_of<std::uint8_t>({0, 1, 1}))),
            (std::vector<float>{0, 1, 1}));
  EXPECT_EQ(values(npy(dictionary("<f2", "(2,)"), bytes_of<std::uint16_t>({0x3c00, 0xb400}))),
            (std::vector<float>{1, -0.25F}));
}

TEST_F(Arrays, AreDividedByWhite) {
  const auto bytes = npy(dictionary("|u1", "(2,)"), bytes_of<std::uint8_t>({0, 1}));
  ArrayFile array(write("a.npy", bytes));
  EXPECT_EQ(array.read(2, 1), (std::vector<float>{0, 1}));
  ArrayFile floats(write("a.npy", npy(dictionary("<f4", "(2,)"), bytes_of<float>({0, 51}))));
  EXPECT_EQ(floats.read(2, 255), (std::vector<float>{0, 0.2F}));
}

TEST_F(Arrays, OfAnArchiveWithLabelsAreTheImages) {
  const std::string labels = npy(dictionary("<i8", "(2,)"), std::string(16, '\1'));
  const std::string numbers = npy(dictionary("|u1", "(6,)"), std::string(6, '\1'));
  const auto path = write_npz({{"a.npy", numbers}, {"b.npy", kFloats}, {"c.npy", labels}});
  const auto is_matrix = [](const auto& shape) { return shape.size() == 2; };
  ArrayFile array(path, is_matrix);
  EXPECT_EQ(array.shape(), (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(array.read(6), values(kFloats));
  write_npz({{"train.npy", kFloats}, {"test.npy", kFloats}, {"labels.npy", labels}});
  base::expect_error([&] { ArrayFile(path, is_matrix); }, "it holds 3 arrays, 2 of them images",
                     "\"train.npy\" (2, 3)", "\"test.npy\" (2, 3)");
  const auto none = [](const auto&) { return false; };
  base::expect_error([&] { ArrayFile(path, none); }, "0 of them images");
}

TEST_F(Arrays, AreToldByAnyEnding) {
  write_npz({{"arr_0.npy", kFloats}}, ZIP_CM_DEFLATE);
  std::filesystem::rename(folder_ / "a.npz", folder_ / "A.NPZ");
  EXPECT_EQ(values(folder_ / "A.NPZ"), values(kFloats));
  EXPECT_EQ(values(write("A.NPY", kFloats)), values(kFloats));
  refuses("Git LFS pointer", "version https://git-lfs.github.com/spec/v1\n");
}

TEST_F(Arrays, HaveTheirShape) {
  const auto shape = [this](const std::string& text, int count) {
    const ArrayFile array(write("a.npy", npy(dictionary("<f4", text), counting_floats(count))));
    EXPECT_EQ(array.count(), static_cast<std::uint64_t>(count));
    return array.shape();
  };
  using Shape = std::vector<std::int64_t>;
  EXPECT_EQ(shape("(2, 3)", 6), (Shape{2, 3}));
  EXPECT_EQ(shape("(1, 2, 3, 1,)", 6), (Shape{1, 2, 3, 1}));
  EXPECT_EQ(shape("()", 1), Shape{});
  EXPECT_EQ(shape("(0, 784)", 0), (Shape{0, 784}));
}

TEST_F(Arrays, ReadsEveryVersionAndWayOfWriting) {
  for (const char version : {'\1', '\2', '\3'})
    EXPECT_EQ(values(npy(dictionary("<f4", "(6,)"), counting_floats(6), version)).size(), 6U);
  EXPECT_EQ(values(npy("{\"shape\":(6,),\"fortran_order\":False,\"descr\":\"<f4\"}   \n",
                       counting_floats(6)))
                .size(),
            6U);
}

TEST_F(Arrays, AreReadInParts) {
  const int many = 200'000;  // more than are converted at a time
  const std::string bytes = npy(dictionary("<f4", "(200000,)"), counting_floats(many));
  for (const auto& path : {write("a.npy", bytes), write_npz({{"x.npy", bytes}}, ZIP_CM_DEFLATE)}) {
    ArrayFile array(path);
    EXPECT_EQ(array.read(3), (std::vector<float>{0, 1, 2}));
    const std::vector<float> rest = array.read(many - 3);
    EXPECT_EQ(rest.front(), 3);
    EXPECT_EQ(rest[100'000], 100'003);
    EXPECT_EQ(rest.back(), many - 1);
    base::expect_error([&] { array.read(1); }, path.string(), "fewer values");
  }
}

TEST_F(Arrays, OfAnArchiveAreStoredOrDeflated) {
  for (const zip_int32_t method : {ZIP_CM_STORE, ZIP_CM_DEFLATE})
    EXPECT_EQ(values(write_npz({{"arr_0.npy", kFloats}}, method)), values(kFloats));
}

TEST_F(Arrays, RefusesWhatIsNoArray) {
  base::expect_error([&] { values(folder_ / "none.npy"); }, "none.npy", "No such file");
  base::expect_error([&] { values(folder_ / "none.npz"); }, "none.npz", "No such file");
  refuses("too short", "");
  refuses("too short", "\x93NUMPY");
  refuses("not a NumPy array", std::string(200, 'x'));
  refuses("version 9", npy(dictionary("<f4", "(6,)"), counting_floats(6), '\x09'));
}

TEST_F(Arrays, RefusesWhatTheFileCannotHold) {
  const auto array = [](const std::string& shape, int count) {
    return npy(dictionary("<f4", shape), counting_floats(count));
  };
  refuses("has 24 bytes of values, but its shape needs 28", array("(7,)", 6));
  refuses("has 24 bytes of values, but its shape needs 20", array("(5,)", 6));
  refuses("more values than any file", array("(4294967296, 4294967296)", 0));
  refuses("more values than any file", array("(9223372036854775807,)", 0));
  refuses("needs 0", array("(0, 9223372036854775807)", 6));
  refuses("not one of whole numbers", array("(9223372036854775808,)", 0));
  refuses("not one of whole numbers", array("(-6,)", 6));
  refuses("needs 4000000000000", array("(1000000000000,)", 6));
  std::string huge = kFloats;
  huge[8] = huge[9] = '\xFF';
  refuses("its header would have 65535 bytes", huge);
  std::string longest = npy(dictionary("<f4", "(6,)"), counting_floats(6), 2);
  longest.replace(8, 4, "\xFF\xFF\xFF\xFF");
  refuses("its header would have 4294967295 bytes", longest);
}

TEST_F(Arrays, RefusesOtherTypesAndOrders) {
  for (const char* descr : {">f4", ">f2", "<i8", "|i1", "|O", "<f4\\n", ""})
    refuses("save them as float32, float64 or uint8",
            npy(dictionary(descr, "(6,)"), counting_floats(6)));
  refuses("Fortran's order",
          npy("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", counting_floats(6)));
}

TEST_F(Arrays, RefusesAHeaderThatIsNoSuchDictionary) {
  for (const char* header :
       {"", "{", "{}", "[]", "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6,)", "{'descr': '<f4",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6,)} x",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (6,)}",
        "{'descr': [('x', '<f4')], 'fortran_order': False, 'shape': (6,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 6}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6 6)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), 'x': 1}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (6,)}",
        "{'descr' '<f4', 'fortran_order': False, 'shape': (6,)}",
        "{'descr': '<f4' 'fortran_order': False, 'shape': (6,)}"})
    refuses("", npy(header, counting_floats(6)));
  std::string deep = "(";
  for (int i = 0; i < 33; ++i) deep += "1,";
  refuses("too many dimensions", npy(dictionary("<f4", deep + ")"), counting_floats(1)));
}

// Whatever is cut off or changed, a file is read or refused in one line.
TEST_F(Arrays, SurvivesDamage) {
  const auto survive = [this](const std::string& name, const std::string& bytes) {
    const auto path = write(name, bytes);
    try {
      values(path);
      return true;
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr(path.string()));
      EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
      return false;
    }
  };
  const std::string zipped = base::read_file(write_npz({{"arr_0.npy", kFloats}}, ZIP_CM_DEFLATE));
  for (const auto& [name, whole] : {std::pair{"d.npy", kFloats}, {"d.npz", zipped}}) {
    for (std::size_t size = 0; size < whole.size(); ++size)
      EXPECT_FALSE(survive(name, whole.substr(0, size))) << name << " of " << size << " bytes";
    for (std::size_t i = 0; i < whole.size(); ++i) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ 0xFF);
      survive(name, changed);
    }
  }
}

TEST_F(Arrays, RefusesArchivesOfSomethingElse) {
  write("a.npz", "no archive");
  refuses_npz("not a zip archive");
  write_npz({{"a.npy", kFloats}, {"b.npy", kFloats}});
  refuses_npz("it holds 2 arrays; save the images as the only one");
  write_npz({{"a.npy", "no array, but long enough for one"}});
  refuses_npz("not a NumPy array");
  std::string damaged = base::read_file(write_npz({{"a.npy", kFloats}}));
  damaged[damaged.find(kFloats) + kFloats.size() - 1] ^= 1;  // the last value
  write("a.npz", damaged);
  refuses_npz("in it is damaged");
}

// 64 MB of zeros in 64 KB: the first of them cost no more than what is asked for.
TEST_F(Arrays, TakesMemoryForWhatIsReadOnly) {
  const std::string zeros(std::size_t{64} << 20, '\0');
  const std::string bytes = npy(dictionary("|u1", "(67108864,)"), zeros);
  ArrayFile array(write_npz({{"a.npy", bytes}}, ZIP_CM_DEFLATE));
  EXPECT_LT(std::filesystem::file_size(folder_ / "a.npz"), 100'000U);
  rlimit before;
  ::getrlimit(RLIMIT_DATA, &before);
  std::ifstream status("/proc/self/statm");
  std::size_t pages = 0, ignored = 0, data = 0;
  status >> pages >> ignored >> ignored >> ignored >> ignored >> data;
  const rlimit little{data * 4096 + (std::size_t{16} << 20), before.rlim_max};
  ::setrlimit(RLIMIT_DATA, &little);
  EXPECT_EQ(array.read(1000), std::vector<float>(1000, 0.0F));
  ::setrlimit(RLIMIT_DATA, &before);
}

}  // namespace
}  // namespace gan::io
