#include "host/io/image.h"

#include <fmt/format.h>
#include <png.h>

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>

#include "host/io/atomic_file.h"

namespace gan {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& reason) {
  throw std::runtime_error(fmt::format("cannot write {}: {}", path.string(), reason));
}

bool is_consistent(const Image& image) {
  return image.width > 0 && image.height > 0 && (image.channels == 1 || image.channels == 3) &&
         image.pixels.size() == static_cast<std::size_t>(image.width) *
                                    static_cast<std::size_t>(image.height) *
                                    static_cast<std::size_t>(image.channels);
}

}  // namespace

void write_png(const std::filesystem::path& path, const Image& image) {
  if (!is_consistent(image)) {
    fail(path, fmt::format("{} values do not make a {}x{} image of {} channels",
                           image.pixels.size(), image.width, image.height, image.channels));
  }
  // libpng's simplified interface: it reports errors without longjmp, which C++ cannot cross.
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width);
  png.height = static_cast<png_uint_32>(image.height);
  png.format = image.channels == 1 ? PNG_FORMAT_GRAY : PNG_FORMAT_RGB;

  std::vector<std::byte> bytes(PNG_IMAGE_PNG_SIZE_MAX(png));
  png_alloc_size_t size = bytes.size();
  if (png_image_write_to_memory(&png, bytes.data(), &size, 0, image.pixels.data(), 0, nullptr) ==
      0) {
    fail(path, png.message);
  }
  write_file(path, std::span<const std::byte>(bytes).first(size));
}

}  // namespace gan
