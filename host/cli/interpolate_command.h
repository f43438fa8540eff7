#pragma once

namespace gan::cli {

// gan_cuda interpolate: draws a sheet of images between pairs of latent vectors.  Returns the exit
// code; throws UsageError and std::runtime_error.
int interpolate_command(int argc, const char* const* argv);

}  // namespace gan::cli
