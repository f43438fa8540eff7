#include "host/io/images/image.h"

#include <fmt/format.h>
#include <png.h>

#include <cstddef>
#include <stdexcept>
#include <string>

#include "host/base/atomic_file.h"

namespace gan::io {
namespace {

bool is_consistent(const Image& image) {
  return image.width > 0 && image.height > 0 && (image.channels == 1 || image.channels == 3) &&
         image.pixels.size() == static_cast<std::size_t>(image.width) *
                                    static_cast<std::size_t>(image.height) *
                                    static_cast<std::size_t>(image.channels);
}

}  // namespace

std::vector<std::byte> encode_png(const Image& image) {
  if (!is_consistent(image)) {
    throw std::runtime_error(fmt::format("{} values do not make a {}x{} image of {} channels",
                                         image.pixels.size(), image.width, image.height,
                                         image.channels));
  }
  // libpng's simplified interface: it reports errors without longjmp, which C++ cannot cross.
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;

  std::vector<std::byte> bytes(PNG_IMAGE_PNG_SIZE_MAX(png));
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) == 0)
    throw std::runtime_error(png.message);
  bytes.resize(size);
  return bytes;
}

void write_png(const std::filesystem::path& path, const Image& image) {
  std::vector<std::byte> bytes;
  try {
    bytes = encode_png(image);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("cannot write {}: {}", path.string(), error.what()));
  }
  base::write_file(path, bytes);
}

}  // namespace gan::io
