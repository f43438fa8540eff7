#include "host/base/json_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "host/base/nesting.h"

namespace gan::base {
namespace {

// "line 3, column 7", of the byte at `position`.
std::string place_of(std::string_view text, std::size_t position) {
  const std::string_view before = text.substr(0, position);
  const std::size_t line_begin = before.rfind('\n') + 1;  // 0 if there is none
  const auto begins_character = [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  };
  return fmt::format("line {}, column {}", 1 + std::ranges::count(before, '\n'),
                     1 + std::ranges::count_if(before.substr(line_begin), begins_character));
}

// Of nlohmann's "[json.exception…] parse error at …: syntax error while … - unexpected '}';
// expected string literal" or "… - invalid literal; last read: '…'" what tells the mistake and is
// not the file's.
std::string mistake(std::string_view what) {
  const std::size_t dash = what.find(" - ");
  if (dash == std::string_view::npos) return "this is not JSON";
  what.remove_prefix(dash + 3);
  const std::size_t read = what.find("; last read: '");
  if (read == std::string_view::npos) return std::string(what);
  const std::size_t expected = what.rfind("'; expected ");
  return std::string(what.substr(0, read)) + (expected > read && expected != std::string_view::npos
                                                  ? std::string(what.substr(expected + 1))
                                                  : "");
}

}  // namespace

template <class Json>
Json parse_json(std::string_view text) {
  if (is_nested_too_deep(text, Notation::json))
    throw std::runtime_error(fmt::format("it is nested more than {} deep", kDeepest));
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::parse_error& error) {
    const std::size_t position = std::min(error.byte == 0 ? 0 : error.byte - 1, text.size());
    throw std::runtime_error(place_of(text, position) + ": " + mistake(error.what()));
  } catch (const nlohmann::json::exception&) {
    throw std::runtime_error("it holds a number that is too large");
  }
}

template <class Json>
Json parse_json_or_null(std::string_view text) {
  if (is_nested_too_deep(text, Notation::json)) return nullptr;
  Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? Json() : value;
}

template nlohmann::json parse_json(std::string_view);
template nlohmann::ordered_json parse_json(std::string_view);
template nlohmann::json parse_json_or_null(std::string_view);
template nlohmann::ordered_json parse_json_or_null(std::string_view);

}  // namespace gan::base
