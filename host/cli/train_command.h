#pragma once
#include "host/cli/options.h"

namespace gan::cli {

// gan_cuda, gan_cuda train: trains, or resumes a run.
// Returns the exit code: 0, or 128 + the signal that stopped the run.
int train_command(int argc, const char* const* argv);

}  // namespace gan::cli
