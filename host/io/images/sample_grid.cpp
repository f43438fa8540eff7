#include "host/io/images/sample_grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace gan::io {
namespace {

std::uint8_t to_pixel(float value) {
  const float scaled = value * 255.0F + 0.5F;
  if (!(scaled > 0.0F)) return 0;  // also NaN
  return static_cast<std::uint8_t>(std::min(scaled, 255.0F));
}

}  // namespace

Image sample_grid(std::span<const float> images, int count, int height, int width, int per_row,
                  int padding) {
  const bool is_sensible = count > 0 && height > 0 && width > 0 && per_row > 0 && padding >= 0;
  const std::size_t pixels = static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  if (!is_sensible || images.size() != static_cast<std::size_t>(count) * pixels) {
    throw std::runtime_error(
        fmt::format("sample grid: {} values do not make {} images of {}x{} ({} a row, padding {})",
                    images.size(), count, height, width, per_row, padding));
  }
  if (count == 1) padding = 0;

  const int columns = std::min(per_row, count);
  const int rows = (count + columns - 1) / columns;
  Image grid;
  grid.width = columns * (width + padding) + padding;
  grid.height = rows * (height + padding) + padding;
  grid.pixels.resize(static_cast<std::size_t>(grid.width) * static_cast<std::size_t>(grid.height));

  for (int index = 0; index < count; ++index) {
    const int left = padding + index % columns * (width + padding);
    const int top = padding + index / columns * (height + padding);
    for (int y = 0; y < height; ++y) {
      const auto line =
          images.subspan(static_cast<std::size_t>(index) * pixels +
                             static_cast<std::size_t>(y) * static_cast<std::size_t>(width),
                         static_cast<std::size_t>(width));
      const auto place = grid.pixels.begin() + std::ptrdiff_t{top + y} * grid.width + left;
      std::transform(line.begin(), line.end(), place, to_pixel);
    }
  }
  return grid;
}

}  // namespace gan::io
