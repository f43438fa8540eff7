#pragma once

#include <cstdint>
#include <span>

#include "host/data/idx.h"

namespace gan::data {

// The middle square of a grey image, as large as its shorter side, at side × side: every pixel is
// the mean of the area that it covers, rounded to the nearest. In integers, so the same everywhere.
// to: (side, side), from: (height, width).
void rescale(std::span<std::uint8_t> to, int side, std::span<const std::uint8_t> from, int height,
             int width);

Images rescaled(const Images& images, int side);

}  // namespace gan::data
