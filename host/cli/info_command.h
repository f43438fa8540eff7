#pragma once

namespace gan::cli {

// gan_cuda info: shows what is in a file of weights or in a run's folder.  Returns the exit code;
// throws UsageError and std::runtime_error.
int info_command(int argc, const char* const* argv);

}  // namespace gan::cli
