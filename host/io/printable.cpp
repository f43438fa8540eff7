#include "host/io/printable.h"

#include <fmt/format.h>

#include <cstdint>
#include <nlohmann/json.hpp>

namespace gan {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// Bytes of the character of UTF-8 that `text` begins with (RFC 3629, no control characters); 0 when
// it begins with none.
std::size_t printable_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return first >= 0x20 && first != 0x7F ? 1 : 0;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  std::uint32_t code = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text[i])) return 0;
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr std::uint32_t kLeast[] = {0xA0, 0x800, 0x10000};  // 0x80 to 0x9F are controls
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  const bool turns_lines = (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  return code < kLeast[length - 2] || code > 0x10FFFF || is_surrogate || turns_lines ? 0 : length;
}

void escape(std::string& line, char c) {
  switch (c) {
    case '\n':
      line += "\\n";
      break;
    case '\r':
      line += "\\r";
      break;
    case '\t':
      line += "\\t";
      break;
    default:
      line += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::size_t longest = 80;
  return one_line(nlohmann::json(text.substr(0, longest))
                      .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

std::string one_line(std::string_view text, std::size_t most) {
  constexpr std::string_view kGap = " … ";
  // Of a text of a gigabyte only the ends are looked at.
  std::string cut;
  if (text.size() > 8 * most) {
    cut.append(text.substr(0, 4 * most)).append(text.substr(text.size() - 4 * most));
    text = cut;
  }
  std::string line;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t length = printable_character(rest);
    length > 0 ? line.append(rest.substr(0, length)) : (escape(line, rest[0]), line);
    rest.remove_prefix(std::max<std::size_t>(1, length));
  }
  if (line.size() <= most) return line;
  std::size_t head = (most - kGap.size()) / 2, tail = line.size() - (most - kGap.size() - head);
  while (head > 0 && continues(line[head])) --head;
  while (tail < line.size() && continues(line[tail])) ++tail;
  return line.substr(0, head).append(kGap).append(line.substr(tail));
}

}  // namespace gan
