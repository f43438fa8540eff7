#include "host/base/printable.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

namespace gan::base {
namespace {

bool continues(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// A character of UTF-8 (RFC 3629) and its bytes; none: length is 0.
struct Character {
  std::uint32_t code;
  std::size_t length;
};

Character first_character(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return {first, 1};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {0, 0};
  std::uint32_t code = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text[i])) return {0, 0};
    code = (code << 6U) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr std::uint32_t kLeast[] = {0x80, 0x800, 0x10000};  // fewer bytes would do below
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  const bool is_none = code < kLeast[length - 2] || code > 0x10FFFF || is_surrogate;
  return {code, is_none ? 0 : length};
}

// Control characters, and those that end a line or turn its direction.
bool acts_on_terminals(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x2028 && code <= 0x202E) ||
         (code >= 0x2066 && code <= 0x2069);
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
    const auto [code, length] = first_character(rest);
    const std::size_t bytes = std::max<std::size_t>(1, length);
    if (length > 0 && !acts_on_terminals(code))
      line.append(rest.substr(0, bytes));
    else
      for (const char c : rest.substr(0, bytes)) escape(line, c);
    rest.remove_prefix(bytes);
  }
  if (line.size() <= most) return line;
  std::size_t head = (most - kGap.size()) / 2, tail = line.size() - (most - kGap.size() - head);
  while (head > 0 && continues(line[head])) --head;
  while (tail < line.size() && continues(line[tail])) ++tail;
  return line.substr(0, head).append(kGap).append(line.substr(tail));
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = first_character(text).length;
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string reason_of(const std::exception& error) {
  if (dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
      dynamic_cast<const std::length_error*>(&error) != nullptr)
    return "not enough memory; use a smaller --batch, smaller networks or fewer images";
  if (const auto* const file = dynamic_cast<const std::filesystem::filesystem_error*>(&error))
    return fmt::format("cannot use {}: {}", file->path1().string(), file->code().message());
  if (const auto* const system = dynamic_cast<const std::system_error*>(&error);
      system != nullptr && system->code() == std::errc::resource_unavailable_try_again)
    return "not enough memory for another thread, or too many of them; see ulimit -v and -u";
  if (dynamic_cast<const nlohmann::json::exception*>(&error) != nullptr)
    return "a file of JSON holds values of another kind than this program writes";
  return error.what();
}

}  // namespace gan::base
