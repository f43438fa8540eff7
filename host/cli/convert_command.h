#pragma once

namespace gan::cli {

// gan_cuda convert: converts weights from one format into another.  Returns the exit code; throws
// UsageError and std::runtime_error.
int convert_command(int argc, const char* const* argv);

}  // namespace gan::cli
