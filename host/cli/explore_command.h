#pragma once
#include <cstdint>
#include <string>

#include "host/cli/model_file.h"

namespace gan::cli {

// The page of a generator; see io::ExplorePage for `name` and `seed`.  Throws std::runtime_error
// when the weights are not those of a generator, or too large for a page.
std::string explore_page(const io::TensorFile& weights, ImageSize image, const std::string& name,
                         std::uint64_t seed);

// gan_cuda explore: writes a page that runs a generator in a browser.  Returns the exit code;
// throws UsageError and std::runtime_error.
int explore_command(int argc, const char* const* argv);

}  // namespace gan::cli
