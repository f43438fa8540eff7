#include "host/base/printable.h"

#include <gmock/gmock.h>

namespace gan::base {
namespace {

using testing::EndsWith, testing::HasSubstr, testing::StartsWith;

TEST(OneLine, LeavesPrintableTextAsItIs) {
  for (const char* const text : {"", "a b~", "Fréchet ± 3×4 …", "数字", "\U0001F600"})
    EXPECT_EQ(one_line(text), text);
}

TEST(OneLine, EscapesWhatATerminalActsOn) {
  EXPECT_EQ(one_line("a\nb\r\tc"), "a\\nb\\r\\tc");
  EXPECT_EQ(one_line("\x1b[31m\x7f\a"), "\\x1b[31m\\x7f\\x07");
  EXPECT_EQ(one_line(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(one_line("\xc2\x9b"), "\\xc2\\x9b");           // the one-byte ESC [
  EXPECT_EQ(one_line("\xe2\x80\xae"), "\\xe2\\x80\\xae");  // text from right to left
}

TEST(OneLine, EscapesWhatIsNotUtf8) {
  EXPECT_EQ(one_line("caf\xe9"), "caf\\xe9");
  EXPECT_EQ(one_line("\xc3"), "\\xc3");
  EXPECT_EQ(one_line("\xc0\xaf"), "\\xc0\\xaf");                    // too long
  EXPECT_EQ(one_line("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // half of a pair
  EXPECT_EQ(one_line("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond the last
}

TEST(OneLine, KeepsBothEndsOfALongText) {
  const std::string line = one_line("begin" + std::string(1'000'000, 'x') + "end");
  EXPECT_LE(line.size(), kLongestMessage);
  EXPECT_THAT(line, StartsWith("beginx"));
  EXPECT_THAT(line, HasSubstr(" … "));
  EXPECT_THAT(line, EndsWith("xend"));
  for (std::size_t extra = 0; extra < 4; ++extra) {
    std::string text(extra, 'x');
    for (int i = 0; i < 500; ++i) text += "é";
    EXPECT_LE(one_line(text).size(), kLongestMessage);
    EXPECT_EQ(one_line(one_line(text)), one_line(text)) << "cut within a character";
  }
  EXPECT_LE(one_line(std::string(1000, '\n')).size(), kLongestMessage);
}

TEST(Printable, IsQuotedAndShort) {
  EXPECT_EQ(printable("a\"\n\x7f"), "\"a\\\"\\n\\u007f\"");
  EXPECT_LE(printable(std::string(1'000'000, 'x')).size(), 100U);
}

}  // namespace
}  // namespace gan::base
