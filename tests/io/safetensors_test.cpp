#include "host/io/safetensors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>

#include "host/base/file.h"
#include "tests/io/support.h"

namespace gan::io {
namespace {

TensorFile small_file() {
  return {{{"b", {2, 3}, {1, 2, 3, 4, 5, 6}}, {"a", {1}, {-0.5F}}},
          {{"step", "71"}, {"by", "test"}}};
}

// The bytes as the format's description gives them, written out by hand.
TEST(Safetensors, WritesTheBytesOfTheFormat) {
  const base::TemporaryFolder folder;
  save_safetensors(folder / "a", small_file());
  std::string header = R"({"__metadata__":{"by":"test","step":"71"},)"
                       R"("b":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},)"
                       R"("a":{"dtype":"F32","shape":[1],"data_offsets":[24,28]}})";
  ASSERT_NE(header.size() % 8, 0U);  // so that there is something to pad
  while (header.size() % 8 != 0) header += ' ';
  std::string expected(8, '\0');
  expected[0] = static_cast<char>(header.size());
  expected += header;
  for (const char* value :
       {"\x00\x00\x80\x3f", "\x00\x00\x00\x40", "\x00\x00\x40\x40", "\x00\x00\x80\x40",
        "\x00\x00\xa0\x40", "\x00\x00\xc0\x40", "\x00\x00\x00\xbf"}) {
    expected.append(value, 4);
  }
  EXPECT_EQ(base::read_file(folder / "a"), expected);
  EXPECT_EQ(folder.count_files(), 1);
}

TEST(Safetensors, ReadsBackTheSame) {
  const base::TemporaryFolder folder;
  save_safetensors(folder / "a", small_file());
  const TensorFile back = load_safetensors(folder / "a");
  EXPECT_EQ(back.metadata, small_file().metadata);
  ASSERT_EQ(back.tensors.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(back.tensors[i].name, small_file().tensors[i].name);
    EXPECT_EQ(back.tensors[i].shape, small_file().tensors[i].shape);
    EXPECT_EQ(back.tensors[i].values, small_file().tensors[i].values);
  }
  save_safetensors(folder / "b", back);
  EXPECT_EQ(base::read_file(folder / "a"), base::read_file(folder / "b"));
}

TEST(Safetensors, WritesHalves) {
  const base::TemporaryFolder folder;
  TensorFile file = small_file();
  file.tensors.push_back({"many", {100'000}, std::vector<float>(100'000, 1 / 3.F)});
  save_safetensors(folder / "a", file, ValueType::f16);
  const TensorFile back = load_safetensors(folder / "a");
  EXPECT_EQ(back.metadata, file.metadata);
  EXPECT_EQ(back.at("b").type, ValueType::f16);
  EXPECT_EQ(back.at("b").values, file.at("b").values);
  EXPECT_EQ(back.at("many").values, std::vector<float>(100'000, 1365.F / 4096));
}

TEST(Safetensors, ReadsBytesInMemoryAsItReadsAFile) {
  const base::TemporaryFolder folder;
  save_safetensors(folder / "a", small_file(), ValueType::f16);
  const std::string bytes = base::read_file(folder / "a");
  const auto parse = [&](std::size_t size) {
    return parse_safetensors(std::as_bytes(std::span(bytes)).first(size), "small");
  };
  EXPECT_EQ(parse(bytes.size()).at("a").values, std::vector<float>{-0.5F});
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_THAT([&] { parse(size); }, testing::ThrowsMessage<std::runtime_error>(
                                          testing::StartsWith("cannot read small: ")))
        << size;
}

TEST(Safetensors, KeepsEmptyScalarAndSpecialTensors) {
  const base::TemporaryFolder folder;
  const float special[] = {std::nanf("5"), -0.0F, 1e-45F, std::numeric_limits<float>::infinity()};
  const TensorFile file{{{"empty", {0, 3}, {}},
                         {"scalar", {}, {42}},
                         {"also \"empty\"\n", {0}, {}},
                         {"special", {4}, {special, special + 4}}},
                        {}};
  save_safetensors(folder / "a", file);
  const TensorFile back = load_safetensors(folder / "a");
  EXPECT_TRUE(back.metadata.empty());
  ASSERT_EQ(back.tensors.size(), 4U);
  EXPECT_EQ(back.at("empty").shape, (std::vector<std::int64_t>{0, 3}));
  EXPECT_EQ(back.at("also \"empty\"\n").values.size(), 0U);
  EXPECT_TRUE(back.at("scalar").shape.empty());
  EXPECT_EQ(back.at("scalar").values.at(0), 42);
  for (std::size_t i = 0; i < std::size(special); ++i)
    EXPECT_EQ(std::bit_cast<std::uint32_t>(back.at("special").values[i]),
              std::bit_cast<std::uint32_t>(special[i]));

  save_safetensors(folder / "none", {});
  EXPECT_TRUE(load_safetensors(folder / "none").tensors.empty());
}

TEST(Safetensors, AMissingTensorIsNamed) {
  const TensorFile file = small_file();
  EXPECT_EQ(file.at("a").values.at(0), -0.5F);
  base::expect_error([&] { static_cast<void>(file.at("network.0.weight")); }, "network.0.weight",
                     "missing");
}

TEST(Safetensors, DoesNotSaveWhatItCouldNotLoad) {
  const base::TemporaryFolder folder;
  const auto refuses = [&](const TensorFile& file, const std::string& reason) {
    base::expect_error([&] { save_safetensors(folder / "a", file); }, (folder / "a").string(),
                       reason);
  };
  refuses({{{"a", {2, 2}, {1, 2, 3}}}, {}}, "shape of tensor a");
  refuses({{{"a", {-1, -1}, {1}}}, {}}, "shape of tensor a");
  refuses({{{"a", {1L << 62, 4}, {}}}, {}}, "shape of tensor a");
  refuses({{{"a", {1}, {1}}, {"a", {1}, {1}}}, {}}, "name a is already taken");
  refuses({{{"__metadata__", {1}, {1}}}, {}}, "already taken");
  refuses({{{"\xff", {1}, {1}}}, {}}, "UTF-8");
  refuses({{}, {{"key", "\xff"}}}, "UTF-8");
  EXPECT_EQ(folder.count_files(), 0);
}

TEST(Safetensors, AFullDiskLeavesNothing) {
  const base::TemporaryFolder folder;
  const TensorFile file{{{"a", {10'000}, std::vector<float>(10'000)}}, {}};
  const base::FileSizeLimit full(4096);
  base::expect_error([&] { save_safetensors(folder / "a", file); },
                     "cannot write " + (folder / "a").string());
  EXPECT_EQ(folder.count_files(), 0);
}

TEST(Safetensors, ReadsTheTypesThatPeopleKeep) {
  const base::TemporaryFolder folder;
  const auto values = [&](const std::string& dtype, const std::string& bytes) {
    const std::string header = R"({"w":{"dtype":")" + dtype +
                               R"(","shape":[2],"data_offsets":[0,)" +
                               std::to_string(bytes.size()) + "]}}";
    const std::uint64_t length = header.size();
    std::string file(reinterpret_cast<const char*>(&length), sizeof length);
    std::ofstream(folder / "a", std::ios::binary) << file + header + bytes;
    return load_safetensors(folder / "a").at("w").values;
  };
  const std::vector<float> expected{1, -0.25F};
  EXPECT_EQ(values("F16", std::string("\x00\x3c\x00\xb4", 4)), expected);
  EXPECT_EQ(values("BF16", std::string("\x80\x3f\x80\xbe", 4)), expected);
  EXPECT_EQ(values("F64", std::string("\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\xd0\xbf", 16)), expected);
  EXPECT_EQ(values("U8", "\x07\xff"), (std::vector<float>{7, 255}));
  EXPECT_EQ(values("BOOL", std::string("\0\1", 2)), (std::vector<float>{0, 1}));
}

}  // namespace
}  // namespace gan::io
