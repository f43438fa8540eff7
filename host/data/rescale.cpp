#include "host/data/rescale.h"

#include <algorithm>

namespace gan::data {
namespace {

// The pixels that pixel `index` of `side` covers of a row of `square`, in units of 1/side pixel.
struct Cover {
  Cover(std::int64_t index, std::int64_t side, std::int64_t square)
      : scale(side), begin(index * square), end(begin + square) {}

  std::int64_t first() const { return begin / scale; }
  std::int64_t last() const { return (end - 1) / scale; }
  std::int64_t of(std::int64_t pixel) const {
    return std::min(end, (pixel + 1) * scale) - std::max(begin, pixel * scale);
  }

  std::int64_t scale, begin, end;
};

}  // namespace

void rescale(std::span<std::uint8_t> to, int side, std::span<const std::uint8_t> from, int height,
             int width) {
  const std::int64_t square = std::min(height, width);
  const std::int64_t top = (height - square) / 2, left = (width - square) / 2;
  const std::int64_t area = square * square;
  auto pixel = to.begin();
  for (int i = 0; i < side; ++i) {
    const Cover rows(i, side, square);
    for (int j = 0; j < side; ++j) {
      const Cover columns(j, side, square);
      std::int64_t sum = 0;
      for (std::int64_t y = rows.first(); y <= rows.last(); ++y) {
        const std::uint8_t* const row = from.data() + (top + y) * width + left;
        std::int64_t of_row = 0;
        for (std::int64_t x = columns.first(); x <= columns.last(); ++x)
          of_row += columns.of(x) * row[x];
        sum += rows.of(y) * of_row;
      }
      *pixel++ = static_cast<std::uint8_t>((sum + area / 2) / area);
    }
  }
}

Images rescaled(const Images& images, int side) {
  const std::size_t before = static_cast<std::size_t>(images.height) * images.width;
  const std::size_t after = static_cast<std::size_t>(side) * side;
  Images smaller{images.count, side, side, {}};
  smaller.pixels.resize(images.count * after);
  for (std::size_t i = 0; i < static_cast<std::size_t>(images.count); ++i)
    rescale(std::span(smaller.pixels).subspan(i * after, after), side,
            std::span(images.pixels).subspan(i * before, before), images.height, images.width);
  return smaller;
}

}  // namespace gan::data
