#pragma once

namespace gan::cli {

// gan_cuda sample: draws images with a generator.  Returns the exit code; throws UsageError and
// std::runtime_error.
int sample_command(int argc, const char* const* argv);

}  // namespace gan::cli
