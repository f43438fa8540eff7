// Which way up an image is, as cameras write it into EXIF data.
#pragma once
#include <cstddef>
#include <span>

#include "host/io/images/image.h"

namespace gan::io {

// The orientation, 1 to 8, in a TIFF structure, as EXIF data and a PNG's eXIf chunk have it; 1,
// upright, where it says none or is damaged.
int orientation_of(std::span<const std::byte> tiff);

// The image turned and mirrored so that it is upright.
Image upright(Image image, int orientation);

}  // namespace gan::io
