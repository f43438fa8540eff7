// Runs described in files: the recipes that the program carries, and configurations of one's own.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "host/run/run_spec.h"
#include "host/run/toml_file.h"

namespace gan::run {

// The names of data/recipes/*.toml, which are built into the program.
std::vector<std::string> recipe_names();

// Sets what the recipe says; throws UsageError when there is none of that name.
void apply_recipe(RunSpec& spec, const std::string& name);

// Sets one option, or several, after the recipe that they name.  Throws UsageError, which names the
// place.
void apply_setting(RunSpec& spec, const TomlEntry& setting);
void apply_settings(RunSpec& spec, const std::vector<TomlEntry>& settings);

// Sets what a file says: TOML whose keys are the options of training (`recipe` is the recipe to
// begin with), or the config.json of a run.  A file that names a recipe describes a whole run, so
// the rest is then what `defaults` say.  Throws UsageError in one line that names the file, the
// line and the key.
void apply_config(RunSpec& spec, const RunSpec& defaults, const std::filesystem::path& path);

}  // namespace gan::run
