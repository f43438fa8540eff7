// The command line.
#pragma once
#include <optional>
#include <string>

#include "host/run/run_spec.h"

namespace gan::cli {

struct CommandLine {
  run::RunSpec spec;
  std::string out;                         // folder of a new run; empty: runs/<date-time>
  std::string resume;                      // folder of the run to go on with; empty: a new run
  std::optional<run::StepRange> profiled;  // steps that a profiler is to record
  std::string config;                      // file that describes the run; empty: none
  bool quiet = false;
  bool json = false;   // the result as a line of JSON
  std::string notice;  // that the user should hear; empty: none
  std::string answer;  // of --help and --version: print it and stop
};

// What is not given on the command line is what --config says, else --recipe, else `defaults`.
// Throws UsageError.
CommandLine parse_command_line(int argc, const char* const* argv, const run::RunSpec& defaults);

}  // namespace gan::cli
