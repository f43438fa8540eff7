#include "host/cli/recipes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "host/cli/nearest_name.h"
#include "host/cli/toml_file.h"
#include "host/io/printable.h"
#include "recipe_texts.h"

namespace gan {
namespace {

using nlohmann::json;

void apply_toml(RunSpec& spec, std::string_view text, const std::string& source) {
  apply_settings(spec, parse_toml(text, source));
}

void apply_json(RunSpec& spec, const std::string& text, const std::string& source) {
  const json config = json::parse(text, nullptr, false);
  if (config.is_discarded() || !config.is_object() || !config.contains("run") ||
      !config["run"].is_object())
    throw UsageError(source + " is no config.json of a run: it has no object \"run\"");
  for (const auto& [name, value] : config["run"].items())
    apply_setting(spec, {name, value, {}, false, source});
}

}  // namespace

void apply_setting(RunSpec& spec, const TomlEntry& setting) {
  try {
    set_field(spec, setting.key, setting.value);
  } catch (const UnknownField&) {
    throw UsageError(fmt::format("{}: there is no option {}{}", setting.place,
                                 printable(setting.key), did_you_mean(setting.key, field_names())));
  } catch (const UsageError& error) {
    throw UsageError(setting.place + ": " + error.what());
  }
}

void apply_settings(RunSpec& spec, const std::vector<TomlEntry>& settings) {
  for (const TomlEntry& setting : settings)
    if (setting.key == "recipe" && setting.value.is_string())
      apply_recipe(spec, setting.value.get<std::string>());
  for (const TomlEntry& setting : settings) apply_setting(spec, setting);
}

std::vector<std::string> recipe_names() {
  std::vector<std::string> names;
  for (const auto& recipe : kRecipes) names.emplace_back(recipe.name);
  return names;
}

void apply_recipe(RunSpec& spec, const std::string& name) {
  for (const auto& recipe : kRecipes)
    if (recipe.name == name) {
      spec.recipe = name;
      return apply_toml(spec, recipe.text, "recipe " + name);
    }
  throw UsageError(fmt::format("--recipe: there is no {}, only {}", printable(name),
                               fmt::join(recipe_names(), ", ")));
}

void apply_config(RunSpec& spec, const std::filesystem::path& path) {
  const std::string text = read_settings("--config", path);
  if (path.extension() == ".json") return apply_json(spec, text, path.string());
  apply_toml(spec, text, path.string());
}

}  // namespace gan
