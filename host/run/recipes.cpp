#include "host/run/recipes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/base/json_text.h"
#include "host/base/printable.h"
#include "host/run/nearest_name.h"
#include "host/run/options.h"
#include "host/run/toml_file.h"
#include "recipe_texts.h"

namespace gan::run {
namespace {

using nlohmann::json;

// As on the command line, lr applies to a network without a rate of its own, so it is set first.
void apply_each(RunSpec& spec, const std::vector<TomlEntry>& settings) {
  for (const bool of_both : {true, false})
    for (const TomlEntry& setting : settings)
      if ((setting.key == "lr") == of_both) apply_setting(spec, setting);
}

json parse_config(const std::string& text, const std::string& source) {
  try {
    return base::parse_json<json>(text);
  } catch (const std::runtime_error& error) {
    throw base::UsageError(
        fmt::format("{} is not the config.json of a run: {}", source, error.what()));
  }
}

std::vector<TomlEntry> parse_json_settings(const std::string& text, const std::string& source) {
  const json config = parse_config(text, source);
  if (!config.is_object() || !config.contains("run") || !config["run"].is_object())
    throw base::UsageError(source + " is not the config.json of a run: it has no object \"run\"");
  std::vector<TomlEntry> settings;
  for (const auto& [name, value] : config["run"].items())
    settings.push_back({name, value, {}, false, source});
  return settings;
}

bool names_recipe(const TomlEntry& setting) {
  return setting.key == "recipe" && setting.value.is_string();
}

}  // namespace

void apply_setting(RunSpec& spec, const TomlEntry& setting) {
  try {
    set_option(spec, setting.key, setting.value);
  } catch (const UnknownOption&) {
    throw base::UsageError(fmt::format("{}: there is no option {}{}", setting.place,
                                       base::printable(setting.key),
                                       did_you_mean(setting.key, option_names())));
  } catch (const base::UsageError& error) {
    throw base::UsageError(setting.place + ": " + error.what());
  }
}

void apply_settings(RunSpec& spec, const std::vector<TomlEntry>& settings) {
  for (const TomlEntry& setting : settings)
    if (names_recipe(setting)) apply_recipe(spec, setting.value.get<std::string>());
  apply_each(spec, settings);
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
      return apply_settings(spec, parse_toml(recipe.text, "recipe " + name));
    }
  throw base::UsageError(fmt::format("--recipe: there is no {}, only {}", base::printable(name),
                                     fmt::join(recipe_names(), ", ")));
}

void apply_config(RunSpec& spec, const RunSpec& defaults, const std::filesystem::path& path) {
  const std::string text = read_settings("--config", path);
  const bool is_json = path.extension() == ".json";
  const std::vector<TomlEntry> settings =
      is_json ? parse_json_settings(text, path.string()) : parse_toml(text, path.string());
  if (std::ranges::any_of(settings, names_recipe)) spec = defaults;
  // A config.json has every option, so its recipe is not applied: an older file that lacks an
  // option must not take today's value from the recipe.
  is_json ? apply_each(spec, settings) : apply_settings(spec, settings);
}

}  // namespace gan::run
