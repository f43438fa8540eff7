#pragma once
#include "host/cli/options.h"

namespace gan::cli {

// Carries out `gan_cuda [options]`: trains, or resumes a run with the options that are given.
// Returns the exit code: 0, or 128 + the signal that stopped the run.
int train_command(int argc, const char* const* argv);

}  // namespace gan::cli
