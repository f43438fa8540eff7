#include "host/cli/recipes.h"

#include <fmt/format.h>

#define TOML_EXCEPTIONS 1
#include <toml++/toml.h>

#include <nlohmann/json.hpp>

#include "host/cli/nearest_name.h"
#include "host/io/file.h"
#include "host/io/printable.h"
#include "recipe_texts.h"

namespace gan {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr std::uint64_t kLargest = 1 << 20;  // bytes of a configuration: far more than any has

// A value as RunSpec takes it; null if it is of no kind that any option is.
json to_json(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return whole->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* array = node.as_array()) {
    json values = json::array();
    for (const toml::node& each : *array) values.push_back(to_json(each));
    return values;
  }
  return nullptr;
}

// `where` begins the message of an error.
void set(RunSpec& spec, const std::string& name, const json& value, const std::string& where) {
  try {
    set_field(spec, name, value);
  } catch (const UnknownField&) {
    throw UsageError(fmt::format("{}: there is no option {}{}", where, printable(name),
                                 did_you_mean(name, field_names())));
  } catch (const UsageError& error) {
    throw UsageError(where + ": " + error.what());
  }
}

// `source` is what errors call the text.
void apply_toml(RunSpec& spec, std::string_view text, const std::string& source) {
  toml::table table;
  try {
    table = toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw UsageError(
        fmt::format("{}:{}: {}", source, error.source().begin.line, error.description()));
  }
  if (const auto* recipe = table["recipe"].as_string()) apply_recipe(spec, recipe->get());
  for (auto&& [key, node] : table) {
    const auto line = key.source().begin.line;
    set(spec, std::string(key.str()), to_json(node), fmt::format("{}:{}", source, line));
  }
}

void apply_json(RunSpec& spec, const std::string& text, const std::string& source) {
  const json config = json::parse(text, nullptr, false);
  if (config.is_discarded() || !config.is_object() || !config.contains("run") ||
      !config["run"].is_object())
    throw UsageError(source + " is no config.json of a run: it has no object \"run\"");
  for (const auto& [name, value] : config["run"].items()) set(spec, name, value, source);
}

}  // namespace

std::vector<std::string> recipe_names() {
  std::vector<std::string> names;
  for (const auto& recipe : kRecipes) names.emplace_back(recipe.name);
  return names;
}

void apply_recipe(RunSpec& spec, const std::string& name) {
  for (const auto& recipe : kRecipes)
    if (recipe.name == name) return apply_toml(spec, recipe.text, "recipe " + name);
  throw UsageError(fmt::format("--recipe: there is no {}, only {}", printable(name),
                               fmt::join(recipe_names(), ", ")));
}

void apply_config(RunSpec& spec, const fs::path& path) {
  const std::string text = [&] {
    try {
      if (File::open_to_read(path).size() > kLargest)
        throw std::runtime_error(path.string() + " is too large for a configuration");
      return read_file(path);
    } catch (const std::runtime_error& error) {
      throw UsageError(std::string("--config: ") + error.what());
    }
  }();
  if (path.extension() == ".json") return apply_json(spec, text, path.string());
  apply_toml(spec, text, path.string());
}

}  // namespace gan
