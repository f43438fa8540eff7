// What the tests of images share.
#pragma once
#include <filesystem>

#include "host/io/images/image.h"
#include "tests/base/support.h"

namespace gan::io {

// An 8-bit PNG as libpng reads it, with the channels it was written with.
Image read_png(const std::filesystem::path& path);

}  // namespace gan::io
