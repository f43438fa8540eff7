#pragma once
#include <cstdint>
#include <filesystem>

#include "host/io/image.h"

namespace gan {

// A larger image is refused by its header, before there is memory for it.
inline constexpr std::int64_t kMostPixels = std::int64_t{1} << 26;

// Reads a PNG or JPEG file, told by its first bytes and not by its name, as 8-bit grey:
//   Y = (0.299 R + 0.587 G + 0.114 B) · alpha, rounded to the nearest,
// which is the luma of ITU-R BT.601 that JFIF takes for JPEG, over black.  Palettes, 1 to 16 bits
// and interlaced and progressive files are read; a PNG of another gamma is brought to sRGB's; a
// rotation in EXIF data is not applied.  Errors are std::runtime_errors of one line that names the
// file: not such a file, damaged, incomplete, too large, CMYK.
Image read_grey_image(const std::filesystem::path& path);

}  // namespace gan
