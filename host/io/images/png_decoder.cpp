#include <png.h>

#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "host/io/images/decoders.h"
#include "host/io/images/orientation.h"

namespace gan::io {
namespace {

// libpng's simplified interface: it reports errors without longjmp, which C++ cannot cross.
struct PngReader : png_image {
  PngReader() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~PngReader() { png_image_free(this); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  void require(int succeeded) const {
    if (succeeded == 0)
      throw std::runtime_error(std::string("its PNG data cannot be decoded: ") + message);
  }
};

// The luma of ITU-R BT.601 over black, in one rounding.
std::uint8_t grey_of(const std::uint8_t* rgba) {
  const int luma = 299 * rgba[0] + 587 * rgba[1] + 114 * rgba[2];
  constexpr int kOne = 1000 * 255;
  return static_cast<std::uint8_t>((luma * rgba[3] + kOne / 2) / kOne);
}

// Which way up the image is, by its eXIf chunk.  Throws when a chunk claims more bytes than are
// left: libpng allocates them before it reads.
int orientation_in(std::span<const std::byte> bytes) {
  constexpr std::size_t kSignature = 8, kLengthAndName = 8, kChecksum = 4;
  int orientation = 1;
  for (std::size_t at = kSignature; at + kLengthAndName <= bytes.size();) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i)
      length = length << 8 | std::to_integer<std::size_t>(bytes[at + i]);
    const std::size_t begin = at + kLengthAndName;
    if (length > bytes.size() - begin)
      throw std::runtime_error("its PNG data cannot be decoded: they are cut short");
    if (orientation == 1 && std::memcmp(&bytes[at + 4], "eXIf", 4) == 0)
      orientation = orientation_of(bytes.subspan(begin, length));
    at = begin + length + kChecksum;
  }
  return orientation;
}

}  // namespace

Image decode_png(std::span<const std::byte> bytes) {
  const int orientation = orientation_in(bytes);
  PngReader png;
  png.require(png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()));
  require_decodable(png.width, png.height);
  png.format = PNG_FORMAT_RGBA;
  png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // libpng takes 16 bits for linear otherwise
  std::vector<std::uint8_t> rgba(PNG_IMAGE_SIZE(png));
  png.require(png_image_finish_read(&png, nullptr, rgba.data(), 0, nullptr));

  Image image{static_cast<int>(png.width), static_cast<int>(png.height), 1, {}};
  image.pixels.resize(rgba.size() / 4);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = grey_of(&rgba[4 * i]);
  return upright(std::move(image), orientation);
}

}  // namespace gan::io
