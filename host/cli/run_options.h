// The options of a run (host/run/options.h) on a command line.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "host/run/options.h"

namespace gan::cli {

// Adds the option.  Its value goes to `spec`; the value there is the default that --help shows.
CLI::Option* add_run_option(CLI::App& app, const run::Option& option, run::RunSpec& spec);

// The option's help text, with the names of its choices.
std::string help_of(const run::Option& option);

// The placeholder of its value in --help: N, X, NAME, …; empty for a flag.
std::string placeholder_of(const run::Option& option);

}  // namespace gan::cli
