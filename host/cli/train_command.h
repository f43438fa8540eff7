#pragma once
#include "host/cli/options.h"

namespace gan::cli {

// Carries out `gan_cuda [options]`; argc and argv are read again over the values of a resumed run.
// Returns the exit code: 0, or 128 + the signal that stopped the run.
int train_command(int argc, const char* const* argv);

}  // namespace gan::cli
