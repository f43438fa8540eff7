#pragma once

namespace gan::cli {

// gan_cuda sweep: trains and evaluates configurations over seeds.  Returns the exit code; throws
// UsageError.
int sweep_command(int argc, const char* const* argv);

}  // namespace gan::cli
