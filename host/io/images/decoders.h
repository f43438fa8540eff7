// What read_grey_image() is made of.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "host/io/images/image.h"

namespace gan::io {

// Grey images of the bytes of a file.  Throw std::runtime_error with the reason, and take no memory
// for the pixels before require_decodable() has agreed.
Image decode_png(std::span<const std::byte> bytes);
Image decode_jpeg(std::span<const std::byte> bytes);

// Throws std::runtime_error for an image of more than kMostPixels.
void require_decodable(std::int64_t width, std::int64_t height);

}  // namespace gan::io
