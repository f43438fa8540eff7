#include "host/io/images/orientation.h"

#include <cstdint>
#include <utility>

namespace gan::io {
namespace {

constexpr std::uint32_t kOrientation = 0x0112;  // EXIF's tag
constexpr std::uint32_t kShort = 3;             // TIFF's type of 16 bits

class Tiff {
 public:
  explicit Tiff(std::span<const std::byte> bytes)
      : bytes_(bytes), little_(bytes.size() > 1 && bytes[0] == std::byte{'I'}) {}

  // A number of `size` bytes; 0 beyond the end.
  std::uint32_t number(std::size_t at, std::size_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) return 0;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < size; ++i)
      value =
          value << 8 | std::to_integer<std::uint32_t>(bytes_[at + (little_ ? size - 1 - i : i)]);
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  bool little_;
};

}  // namespace

int orientation_of(std::span<const std::byte> bytes) {
  const Tiff tiff(bytes);
  if (tiff.number(2, 2) != 42) return 1;
  const std::size_t directory = tiff.number(4, 4);
  const std::uint32_t entries = tiff.number(directory, 2);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    if (tiff.number(entry, 2) != kOrientation || tiff.number(entry + 2, 2) != kShort) continue;
    const std::uint32_t found = tiff.number(entry + 8, 2);
    return found >= 1 && found <= 8 ? static_cast<int>(found) : 1;
  }
  return 1;
}

// EXIF 2.3, 4.6.4: where the stored image's first row and first column are in the upright one.
Image upright(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  const bool turned = orientation >= 5;  // rows become columns
  const bool from_right =
      orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool from_bottom =
      orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  Image result{turned ? image.height : image.width, turned ? image.width : image.height,
               image.channels, std::vector<std::uint8_t>(image.pixels.size())};
  const auto channels = static_cast<std::size_t>(image.channels);
  for (int y = 0; y < result.height; ++y)
    for (int x = 0; x < result.width; ++x) {
      const int right = from_right ? result.width - 1 - x : x;
      const int down = from_bottom ? result.height - 1 - y : y;
      const auto [row, column] = turned ? std::pair(right, down) : std::pair(down, right);
      const std::size_t from =
          static_cast<std::size_t>(row) * static_cast<std::size_t>(image.width) +
          static_cast<std::size_t>(column);
      const std::size_t to = static_cast<std::size_t>(y) * static_cast<std::size_t>(result.width) +
                             static_cast<std::size_t>(x);
      for (std::size_t c = 0; c < channels; ++c)
        result.pixels[to * channels + c] = image.pixels[from * channels + c];
    }
  return result;
}

}  // namespace gan::io
