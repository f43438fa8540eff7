#include "host/run/toml_file.h"

#include <fmt/format.h>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include <algorithm>

#include "host/base/file.h"
#include "host/base/nesting.h"
#include "host/run/run_spec.h"

namespace gan::run {
namespace {

constexpr std::uint64_t kLargest = 1 << 20;  // bytes, far more than any settings need

nlohmann::json to_json(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return whole->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* array = node.as_array()) {
    nlohmann::json values = nlohmann::json::array();
    for (const toml::node& each : *array) values.push_back(to_json(each));
    return values;
  }
  return nullptr;
}

std::vector<TomlEntry> entries_of(const toml::table& table, const std::string& source) {
  struct Placed {
    toml::source_position position;
    TomlEntry entry;
  };
  std::vector<Placed> placed;
  for (auto&& [key, node] : table) {
    const toml::source_position position = key.source().begin;
    TomlEntry entry{std::string(key.str()),
                    {},
                    {},
                    node.is_table(),
                    fmt::format("{}:{}", source, position.line)};
    if (entry.is_table)
      entry.entries = entries_of(*node.as_table(), source);
    else
      entry.value = to_json(node);
    placed.push_back({position, std::move(entry)});
  }
  std::ranges::sort(placed,
                    [](const Placed& a, const Placed& b) { return a.position < b.position; });
  std::vector<TomlEntry> entries;
  entries.reserve(placed.size());
  for (Placed& each : placed) entries.push_back(std::move(each.entry));
  return entries;
}

// The description on one line: toml++ quotes the file, with its line ends.
std::string on_a_line(std::string_view description) {
  constexpr std::size_t kMost = 200;
  std::string line(description.substr(0, kMost));
  std::ranges::replace_if(
      line, [](unsigned char c) { return c < ' ' || c == 0x7F; }, ' ');
  return line.substr(0, line.find_last_not_of(' ') + 1);
}

}  // namespace

std::vector<TomlEntry> parse_toml(std::string_view text, const std::string& source) {
  if (base::is_nested_too_deep(text, base::Notation::toml))
    throw base::UsageError(fmt::format("{} is nested more than {} deep", source, base::kDeepest));
  try {
    return entries_of(toml::parse(text), source);
  } catch (const toml::parse_error& error) {
    throw base::UsageError(fmt::format("{}:{}: {}", source, error.source().begin.line,
                                       on_a_line(error.description())));
  }
}

std::string read_settings(const std::string& option, const std::filesystem::path& path) {
  try {
    if (base::File::open_to_read(path).size() > kLargest)
      throw std::runtime_error(path.string() + " is too large for a file of settings");
    return base::read_file(path);
  } catch (const std::runtime_error& error) {
    throw base::UsageError(option + ": " + error.what());
  }
}

}  // namespace gan::run
