// Runs described in files: the program's own recipes, and the user's configurations.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "host/run/run_spec.h"
#include "host/run/toml_file.h"

namespace gan::run {

// The names of data/recipes/*.toml, which are built into the program.
std::vector<std::string> recipe_names();

// Sets the options of the recipe.  Throws UsageError when no recipe has that name.
void apply_recipe(RunSpec& spec, const std::string& name);

// Set one option; or apply the recipe that the settings name, if any, and then set all of them.
// Throw UsageError, which names the place.
void apply_setting(RunSpec& spec, const TomlEntry& setting);
void apply_settings(RunSpec& spec, const std::vector<TomlEntry>& settings);

// Sets the options in a file: TOML whose keys are the options of training (`recipe` names the
// recipe to begin with), or the config.json of a run.  A file that names a recipe describes a whole
// run, so all other options are then those of `defaults`.  Throws UsageError in one line that names
// the file, the line and the key.
void apply_config(RunSpec& spec, const RunSpec& defaults, const std::filesystem::path& path);

}  // namespace gan::run
