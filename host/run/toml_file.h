// TOML as this program reads it: names, values, and their places for error messages.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace gan::run {

struct TomlEntry {
  std::string key;
  nlohmann::json value;            // null for a table, or for a type that no option has
  std::vector<TomlEntry> entries;  // of a table
  bool is_table = false;
  std::string place;  // "mine.toml:3"
};

// The entries in the order of the text.  `source` is its name in errors.  Throws UsageError in one
// line.
std::vector<TomlEntry> parse_toml(std::string_view text, const std::string& source);

// Reads a file of settings of at most 1 MB.  Throws UsageError, whose message begins with `option`.
std::string read_settings(const std::string& option, const std::filesystem::path& path);

}  // namespace gan::run
