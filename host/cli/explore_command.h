#pragma once

namespace gan::cli {

// gan_cuda explore: writes a page that runs a generator in a browser.  Returns the exit code;
// throws UsageError and std::runtime_error.
int explore_command(int argc, const char* const* argv);

}  // namespace gan::cli
