#pragma once

namespace gan::cli {

// gan_cuda bench: how long a training step takes.  Returns the exit code; throws UsageError.
int bench_command(int argc, const char* const* argv);

}  // namespace gan::cli
