// The options of a run (host/run/options.h) on a command line.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "host/run/options.h"

namespace gan::cli {

// Adds the option; what is given goes to `spec`, whose value is the default that --help shows.
CLI::Option* add_run_option(CLI::App& app, const run::Option& option, run::RunSpec& spec);

// Its help text with the names of its choices.
std::string help_of(const run::Option& option);

// What stands for a value of it: N, X, NAME, …; nothing for a flag.
std::string placeholder_of(const run::Option& option);

}  // namespace gan::cli
