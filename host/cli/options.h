// The command line of a training run.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "host/run/options.h"
#include "host/run/run_spec.h"

namespace gan::cli {

struct CommandLine {
  // The options of the run that were given.  `values` holds their values.
  std::vector<const run::Option*> given;
  run::RunSpec values;
  std::optional<double> rate;  // --lr

  std::string out;                         // folder of a new run; empty: runs/<date-time>
  std::string resume;                      // folder of the run to resume; empty: a new run
  std::optional<run::StepRange> profiled;  // steps for a profiler to record
  std::string config;                      // file that describes the run; empty: none
  bool quiet = false;
  bool json = false;   // print the result as a line of JSON
  std::string answer;  // the text of --help or --version; if not empty, print it and stop
};

// Throws UsageError.
CommandLine parse_command_line(int argc, const char* const* argv);

struct DescribedRun {
  run::RunSpec spec;
  std::string notice;  // for the user; empty: none
};

// The run that the command line asks for.  An option that is not given has the value of --config,
// else that of --recipe, else that of `defaults`.  Throws UsageError.
DescribedRun described_run(const CommandLine& line, const run::RunSpec& defaults);

// The options of a group as a Markdown table: name, default, help.
std::string options_in_markdown(run::Group group);

}  // namespace gan::cli
