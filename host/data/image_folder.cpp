#include "host/data/image_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <stdexcept>
#include <string>

#include "host/data/rescale.h"
#include "host/io/grey_image.h"

namespace gan {
namespace {

namespace fs = std::filesystem;

bool is_image_name(const fs::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension == ".png" || extension == ".jpg" || extension == ".jpeg";
}

bool is_hidden(const fs::path& path) {
  return path.filename().string().starts_with('.');
}

// Sizes are ints everywhere, and those of IDX files as large at most.
void require_room(std::size_t count, std::int64_t pixels, const fs::path& first) {
  const auto most = std::numeric_limits<std::int32_t>::max() / pixels;
  if (count > static_cast<std::size_t>(most))
    throw std::runtime_error(fmt::format(
        "{} images of {} pixels, as the first, {}, has them, are more than 2^31 pixels; try a "
        "smaller --image-size",
        count, pixels, first.string()));
}

void require_same_size(const Image& image, const fs::path& file, const Images& before,
                       const fs::path& first) {
  if (image.height != before.height || image.width != before.width)
    throw std::runtime_error(fmt::format(
        "{} has {}x{} pixels, but {} has {}x{}; --image-size N scales all images to NxN",
        file.string(), image.width, image.height, first.string(), before.width, before.height));
}

}  // namespace

std::vector<fs::path> find_image_files(const fs::path& folder) {
  std::vector<fs::path> files;
  try {
    for (auto entry = fs::recursive_directory_iterator(folder);
         entry != fs::recursive_directory_iterator(); ++entry) {
      const fs::path& path = entry->path();
      const bool is_folder = entry->is_directory() && !entry->is_symlink();
      if (is_folder && is_hidden(path)) entry.disable_recursion_pending();
      if (!entry->is_directory() && is_image_name(path) && !is_hidden(path)) files.push_back(path);
    }
  } catch (const fs::filesystem_error& error) {
    throw std::runtime_error(fmt::format("cannot look for images in {}: {}",
                                         (error.path1().empty() ? folder : error.path1()).string(),
                                         error.code().message()));
  }
  std::ranges::sort(files);
  return files;
}

Images read_image_files(const std::vector<fs::path>& files, int side) {
  Images images{static_cast<int>(files.size()), side, side, {}};
  std::size_t done = 0, pixels = 0;
  for (const fs::path& file : files) {
    const Image image = read_grey_image(file);
    if (done == 0) {
      if (side == 0) images = {images.count, image.height, image.width, {}};
      pixels = static_cast<std::size_t>(images.height) * images.width;
      require_room(files.size(), static_cast<std::int64_t>(pixels), file);
      images.pixels.resize(files.size() * pixels);
    }
    const auto place = std::span(images.pixels).subspan(done * pixels, pixels);
    if (side > 0) {
      rescale(place, side, image.pixels, image.height, image.width);
    } else {
      require_same_size(image, file, images, files.front());
      std::ranges::copy(image.pixels, place.begin());
    }
    ++done;
  }
  return images;
}

}  // namespace gan
