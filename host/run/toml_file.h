// TOML as this program reads it: names, values and the places that an error has to name.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace gan::run {

struct TomlEntry {
  std::string key;
  nlohmann::json value;            // null if it is a table, or of a kind that no option is
  std::vector<TomlEntry> entries;  // of a table
  bool is_table = false;
  std::string place;  // "mine.toml:3"
};

// In the order of the text; `source` is what errors call it.  Throws UsageError in one line.
std::vector<TomlEntry> parse_toml(std::string_view text, const std::string& source);

// A file of settings, at most 1 MB.  Throws UsageError; `option` begins its message.
std::string read_settings(const std::string& option, const std::filesystem::path& path);

}  // namespace gan::run
