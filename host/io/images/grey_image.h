#pragma once
#include <cstdint>
#include <filesystem>

#include "host/io/images/image.h"

namespace gan::io {

// A larger image is refused by its header, before there is memory for it.
inline constexpr std::int64_t kMostPixels = std::int64_t{1} << 26;

// Reads a PNG or JPEG file, told by its first bytes and not by its name, as 8-bit grey:
//   Y = (0.299 R + 0.587 G + 0.114 B) · alpha, rounded to the nearest,
// which is the luma of ITU-R BT.601 that JFIF takes for JPEG, over black.  Palettes, 1 to 16 bits
// and interlaced and progressive files are read.  A PNG with a gAMA chunk of another gamma than
// sRGB's is brought to sRGB's, as the PNG specification has it; EXIF's orientation turns the image
// upright.  Errors are std::runtime_errors of one line that names the file: not such a file,
// damaged, incomplete, too large, CMYK, or a JPEG with more scans than any program writes.
Image read_grey_image(const std::filesystem::path& path);

}  // namespace gan::io
