// The command line.
#pragma once
#include <string>

#include "host/model/run_spec.h"

namespace gan {

struct CommandLine {
  RunSpec spec;
  std::string out;     // folder of a new run; empty: runs/<date-time>
  std::string resume;  // folder of the run to go on with; empty: a new run
  bool quiet = false;
  std::string answer;  // of --help and --version: print it and stop
};

// Options that are not given keep their values of `defaults`.  Throws UsageError.
CommandLine parse_command_line(int argc, const char* const* argv, const RunSpec& defaults);

}  // namespace gan
