// Files that are not what they claim to be, each refused in one line with its reason.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>

#include "host/base/atomic_file.h"
#include "host/base/file.h"
#include "host/io/safetensors.h"
#include "tests/io/support.h"

namespace gan::io {
namespace {

class SafetensorsRefusals : public testing::Test {
 protected:
  static std::string file_with(std::uint64_t length, const std::string& rest) {
    std::string bytes(sizeof(length), '\0');
    std::memcpy(bytes.data(), &length, sizeof(length));
    return bytes + rest;
  }

  TensorFile load(const std::string& bytes) const {
    base::write_file(folder_ / "a.safetensors", bytes);
    return load_safetensors(folder_ / "a.safetensors");
  }
  TensorFile load(const std::string& header, std::size_t buffer_size) const {
    return load(file_with(header.size(), header + std::string(buffer_size, '\0')));
  }

  template <class... Arguments>
  void refuses(const std::string& reason, const Arguments&... arguments) const {
    SCOPED_TRACE(reason);
    base::expect_error([&] { load(arguments...); }, "cannot read ",
                       (folder_ / "a.safetensors").string(), reason);
  }

  base::TemporaryFolder folder_;
};

// One entry of a header, and the header of some.
std::string entry(const std::string& name, const std::string& shape, const std::string& offsets) {
  return fmt::format(R"("{}":{{"dtype":"F32","shape":{},"data_offsets":{}}})", name, shape,
                     offsets);
}
std::string header(const std::vector<std::string>& entries) {
  return fmt::format("{{{}}}", fmt::join(entries, ","));
}

TEST_F(SafetensorsRefusals, TheGoodOnesAreRead) {
  EXPECT_EQ(load(header({entry("a", "[2,1]", "[0,8]")}), 8).at("a").values.size(), 2U);
  EXPECT_EQ(load("{}   ", 0).tensors.size(), 0U);
  // The header's order is free, that of the values is not.
  const TensorFile swapped =
      load(header({entry("b", "[1]", "[4,8]"), entry("a", "[1]", "[0,4]")}), 8);
  EXPECT_EQ(swapped.tensors.at(0).name, "a");
}

TEST_F(SafetensorsRefusals, LengthOfTheHeader) {
  refuses("too short", "");
  refuses("too short", std::string(7, '\0'));
  refuses("9223372036854775808 bytes", file_with(1ULL << 63, "{}"));
  refuses("18446744073709551615 bytes", file_with(~0ULL, "{}"));
  refuses("header would have 3 bytes", file_with(3, "{}"));
  refuses("header would have 100000001 bytes", file_with(100'000'001, "{}"));
  refuses("does not begin with '{'", file_with(0, "{}"));
}

TEST_F(SafetensorsRefusals, AHeaderBeyondTheFormatsLimitIsNotRead) {
  const auto path = folder_ / "long";
  base::write_file(path, file_with(100'000'001, "{"));
  std::filesystem::resize_file(path, 8 + 100'000'001);  // a hole: takes no room on the disk
  base::expect_error([&] { load_safetensors(path); }, "header would have 100000001 bytes");
}

TEST_F(SafetensorsRefusals, JsonThatIsNone) {
  refuses("does not begin with '{'", " {}", 0);
  refuses("does not begin with '{'", "[]", 0);
  refuses("not valid JSON", "{", 0);
  refuses("not valid JSON", "{} {}", 0);
  refuses("not valid JSON", R"({"a":})", 0);
  refuses("not valid JSON", "{\"\xff\":{}}", 0);
  refuses("zero byte", std::string("{}\0garbage", 10), 0);
  std::string good = header({entry("a", "[1]", "[0,4]")});
  for (std::size_t cut = 1; cut < good.size(); ++cut)
    refuses("not valid JSON", good.substr(0, cut), 4);
}

TEST_F(SafetensorsRefusals, JsonOfAnotherForm) {
  refuses("\"a\" is not a JSON object", R"({"a":1})", 0);
  refuses("\"a\" is not a JSON object", R"({"a":[]})", 0);
  refuses("\"a\" is not a JSON object", R"({"a":null})", 0);
  refuses("needs a dtype, a shape and two data_offsets", R"({"a":{}})", 0);
  refuses("needs a dtype", R"({"a":{"shape":[1],"data_offsets":[0,4]}})", 4);
  refuses("needs a dtype", R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", 4);
  refuses("needs a dtype", R"({"a":{"dtype":"F32","shape":[1]}})", 4);
  refuses("two data_offsets", header({entry("a", "[1]", "[0]")}), 4);
  refuses("two data_offsets", header({entry("a", "[1]", "[0,4,8]")}), 4);
  refuses(R"("dtype" of "a")", R"({"a":{"dtype":1,"shape":[1],"data_offsets":[0,4]}})", 4);
  refuses(R"("more" of "a")", R"({"a":{"more":"x"}})", 0);
  refuses(R"("more" of "a")", R"({"a":{"more":[]}})", 0);
  refuses(R"("step" of "__metadata__")", R"({"__metadata__":{"step":7}})", 0);
  refuses(R"("step" of "__metadata__")", R"({"__metadata__":{"step":{}}})", 0);
  refuses(R"("shape" of "__metadata__")", R"({"__metadata__":{"shape":[]}})", 0);
  refuses("\"__metadata__\" is not a JSON object", R"({"__metadata__":"x"})", 0);
}

TEST_F(SafetensorsRefusals, DeepNesting) {
  const std::string deep(1'000'000, '[');
  refuses("is not a JSON object", R"({"a":)" + deep, 0);
  refuses(R"("shape" of "a")", R"({"a":{"shape":)" + deep, 0);
  std::string objects = "{";
  for (int i = 0; i < 100'000; ++i) objects += R"("a":{)";
  refuses(R"("a" of "a")", objects, 0);
}

TEST_F(SafetensorsRefusals, Repetition) {
  const std::string a = entry("a", "[1]", "[0,4]");
  refuses("\"a\" appears twice", header({a, a}), 4);
  refuses("\"__metadata__\" appears twice", R"({"__metadata__":{},"__metadata__":{}})", 0);
  refuses("\"k\" appears twice", R"({"__metadata__":{"k":"1","k":"2"}})", 0);
  refuses("\"dtype\" appears twice", R"({"a":{"dtype":"F32","dtype":"F32"}})", 0);
  refuses("\"shape\" appears twice", R"({"a":{"shape":[],"shape":[]}})", 0);
}

TEST_F(SafetensorsRefusals, OtherTypes) {
  refuses(R"(tensor "w" has dtype "I32", only F32)",
          R"({"w":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}})", 4);
  refuses(R"(dtype "F8_E5M2")", R"({"w":{"dtype":"F8_E5M2","shape":[4],"data_offsets":[0,4]}})", 4);
  refuses(R"(has 8 bytes by its shape)",
          R"({"w":{"dtype":"F16","shape":[4],"data_offsets":[0,4]}})", 4);
  refuses(R"(dtype "")", R"({"w":{"dtype":"","shape":[1],"data_offsets":[0,4]}})", 4);
}

// However short an entry is, it costs some hundred bytes: seven million took 1.4 GB.
TEST_F(SafetensorsRefusals, TooMany) {
  std::string metadata, tensors;
  for (int i = 0; i < 10'001; ++i) metadata += fmt::format(R"({}"{}":"")", i == 0 ? "" : ",", i);
  refuses("more than 10000 metadata", R"({"__metadata__":{)" + metadata + "}}", 0);
  for (int i = 0; i < 100'001; ++i) tensors += fmt::format(R"({}"{}":{{}})", i == 0 ? "" : ",", i);
  refuses("more than 100000 tensors", "{" + tensors + "}", 0);
}

TEST_F(SafetensorsRefusals, Shapes) {
  const auto with_shape = [](const std::string& shape) {
    return header({entry("a", shape, "[0,4]")});
  };
  for (const std::string shape : {"[-1]", "[1.0]", "[1e0]", "[true]", "[null]", "[\"1\"]", "[[1]]",
                                  "[99999999999999999999]"}) {
    refuses(R"("shape" of "a")", with_shape(shape), 4);
  }
  refuses("too large", with_shape("[4611686018427387904,4]"), 4);  // 2^62 · 4 · 4 bytes
  refuses("too large", with_shape("[4294967296,4294967296]"), 4);  // wraps to 0
  refuses("too large", with_shape("[9223372036854775808]"), 4);    // 2^63
  refuses("too large", with_shape("[0,9223372036854775808]"), 4);  // no int64
  refuses("8 bytes by its shape", with_shape("[2]"), 4);
  refuses("0 bytes by its shape", with_shape("[0]"), 4);
  std::string many = "[1";
  for (int i = 0; i < 1000; ++i) many += ",1";
  refuses(R"("shape" of "a")", with_shape(many + "]"), 4);
}

TEST_F(SafetensorsRefusals, Offsets) {
  const auto with = [](const std::string& a, const std::string& b) {
    return header({entry("a", "[1]", a), entry("b", "[1]", b)});
  };
  EXPECT_EQ(load(with("[0,4]", "[4,8]"), 8).tensors.size(), 2U);
  refuses("a hole or an overlap", with("[0,4]", "[5,9]"), 9);
  refuses("a hole or an overlap", with("[0,4]", "[3,7]"), 7);
  refuses("a hole or an overlap", with("[0,4]", "[0,4]"), 4);
  refuses("a hole or an overlap", with("[1,5]", "[5,9]"), 9);
  refuses("a hole or an overlap", with("[0,4]", "[18446744073709551611,18446744073709551615]"), 8);
  refuses("data_offsets [4, 0]", with("[4,0]", "[4,8]"), 8);
  refuses("\"data_offsets\" of \"a\"", with("[-4,0]", "[0,4]"), 4);
  refuses("need 8 bytes of values, but it has 7", with("[0,4]", "[4,8]"), 7);
  refuses("need 8 bytes of values, but it has 9", with("[0,4]", "[4,8]"), 9);
  refuses("need 0 bytes of values, but it has 1", "{}", 1);
}

TEST_F(SafetensorsRefusals, HugeClaimsAllocateNothing) {
  refuses("but it has 4", header({entry("a", "[1099511627776]", "[0,4398046511104]")}), 4);
}

TEST_F(SafetensorsRefusals, NamesAreShownHarmlessly) {
  refuses(R"(\n\u001b[31m)", R"({"\n\u001b[31m":{}})", 0);
  refuses(std::string(80, 'x') + "\"", header({fmt::format("\"{:x>5000}\":{{}}", "")}), 0);
}

// Whatever is cut off or changed, a file is read or refused in one line.
TEST_F(SafetensorsRefusals, Damage) {
  const auto path = folder_ / "whole";
  save_safetensors(path, {{{"a", {2, 1}, {1, 2}}, {"b", {}, {3}}}, {{"format", "pt"}}});
  const std::string whole = base::read_file(path);
  for (std::size_t size = 0; size < whole.size(); ++size)
    base::expect_error([&] { load(whole.substr(0, size)); }, (folder_ / "a.safetensors").string());
  base::expect_error([&] { load(whole + "x"); }, "but it has 13");
  for (std::size_t i = 0; i < whole.size(); ++i)
    for (const int change : {0x01, 0x20, 0x80, 0xFF}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ change);
      try {
        std::size_t values = 0;
        for (const Tensor& tensor : load(changed).tensors) values += tensor.values.size();
        EXPECT_EQ(values, 3U);
      } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
      }
    }
}

TEST_F(SafetensorsRefusals, MissingFile) {
  base::expect_error([&] { load_safetensors(folder_ / "none"); },
                     "cannot read " + (folder_ / "none").string() + ": No such file or directory");
  base::expect_error([&] { load_safetensors(folder_.path()); }, "not a regular file");
}

}  // namespace
}  // namespace gan::io
