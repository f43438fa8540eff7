#include "host/base/json_text.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "host/base/nesting.h"

namespace gan::base {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

TEST(JsonText, IsWhatItSays) {
  EXPECT_EQ(base::parse_json<json>(R"({"a": [1, "[[["]})"), json({{"a", {1, "[[["}}}));
  EXPECT_TRUE(base::parse_json_or_null<json>("[1").is_null());
}

TEST(JsonText, TellsTheLineAndTheColumnOfAMistake) {
  const auto refuses = [](const std::string& text, const auto& words) {
    EXPECT_THAT([&] { base::parse_json<json>(text); },
                ThrowsMessage<std::runtime_error>(
                    AllOf(words, Not(HasSubstr("exception")), Not(HasSubstr("\x1b")))))
        << text;
  };
  refuses("{\n  \"a\": 1,\n}", AllOf(HasSubstr("line 3, column 1"), HasSubstr("'}'")));
  refuses("[\"äöü\" 1]", HasSubstr("line 1, column 8"));
  refuses("[1e999]", HasSubstr("too large"));
  refuses("[\x1b[31m]", HasSubstr("line 1, column 2"));
  refuses("", HasSubstr("line 1"));
}

TEST(JsonText, IsRefusedWhenItIsNestedTooDeep) {
  for (const std::string& open : {std::string("["), std::string(R"({"a":)")}) {
    const std::string deep = repeated(open, 60'000);
    EXPECT_THAT([&] { base::parse_json<json>(deep); },
                ThrowsMessage<std::runtime_error>(HasSubstr("deep")));
    EXPECT_TRUE(base::parse_json_or_null<json>(deep).is_null());
  }
  EXPECT_NO_THROW(base::parse_json<json>(repeated("[", kDeepest) + repeated("]", kDeepest)));
}

TEST(Nesting, OfTomlCountsTheDotsOfKeys) {
  const auto deep = [](const std::string& text) {
    return is_nested_too_deep(text, Notation::toml);
  };
  const std::string dots = repeated("a.", 70);
  EXPECT_TRUE(deep(dots + "a = 1"));
  EXPECT_TRUE(deep("[" + dots + "a]"));
  EXPECT_TRUE(deep("x = {" + dots + "a = 1}"));
  EXPECT_TRUE(deep("x = " + repeated("{a.a = ", 40)));
  EXPECT_TRUE(deep("x = \"never closed\n" + dots));
  EXPECT_FALSE(deep(repeated("a.b = 0.5\n", 100)));
  EXPECT_FALSE(deep("x = [" + repeated("0.5, ", 100) + "]"));
  EXPECT_FALSE(deep("x = [\n" + repeated("[0.5, 0.25], # see [1\n", 100) + "]"));
  EXPECT_FALSE(deep("x = \"" + dots + repeated("\\\"[", 100) + "\"\ny = '" + dots + "'"));
  EXPECT_FALSE(deep("x = \"\"\"\n" + dots + "\" [[ \n\"\"\"\n"));
  EXPECT_FALSE(deep("# " + dots + repeated("[", 100)));
}

}  // namespace
}  // namespace gan::base
