#include "host/data/image_folder.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include "host/data/rescale.h"
#include "host/io/file_kind.h"
#include "host/io/images/grey_image.h"
#include "kernels/ops.h"

namespace gan::data {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNamed = 10;  // files that an error names

bool is_image_name(const std::string& ending) {
  return ending == ".png" || ending == ".jpg" || ending == ".jpeg";
}

// Of images in formats that are not read.
bool is_other_image_name(const std::string& ending) {
  constexpr std::array kEndings = {".webp", ".gif",  ".bmp",  ".tif", ".tiff", ".avif",
                                   ".heic", ".heif", ".jfif", ".jpe", ".jp2",  ".jxl",
                                   ".pgm",  ".ppm",  ".pnm",  ".tga", ".jpg_", ".svg"};
  return std::ranges::find(kEndings, ending) != kEndings.end();
}

// What is taken and what is left out; empty where nothing is.
std::string line_on(const std::map<std::string, int>& others, std::size_t taken,
                    const fs::path& folder) {
  if (others.empty()) return "";
  std::vector<std::string> counts;
  counts.reserve(others.size());
  for (const auto& [ending, count] : others) counts.push_back(fmt::format("{} {}", count, ending));
  return fmt::format(
      "{}: {} .png, .jpg or .jpeg {} taken; left out: {}; save them as .png to have them taken",
      folder.string(), taken, taken == 1 ? "file is" : "files are", fmt::join(counts, ", "));
}

// The files that cannot be read, and why the first cannot.
struct Unread {
  std::vector<std::string> names;  // the first kMostNamed
  std::size_t count = 0;
  std::string reason;

  void add(const fs::path& file, const std::string& why) {
    if (++count == 1) reason = why;
    if (count <= kMostNamed) names.push_back(file.string());
  }
  [[noreturn]] void fail() const {
    if (count == 1) throw std::runtime_error(reason);
    throw std::runtime_error(fmt::format("{} images cannot be read: {}{}; of the first: {}", count,
                                         fmt::join(names, ", "), count > names.size() ? ", …" : "",
                                         reason));
  }
};

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

void require_same_size(const io::Image& image, const fs::path& file, const Images& before,
                       const fs::path& first) {
  if (image.height != before.height || image.width != before.width)
    throw std::runtime_error(fmt::format(
        "{} has {}x{} pixels, but {} has {}x{}; --image-size N scales all images to NxN",
        file.string(), image.width, image.height, first.string(), before.width, before.height));
}

}  // namespace

ImageFolder find_image_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::map<std::string, int> others;  // how many files have this ending
  try {
    for (auto entry = fs::recursive_directory_iterator(folder);
         entry != fs::recursive_directory_iterator(); ++entry) {
      const fs::path& path = entry->path();
      const bool is_folder = entry->is_directory() && !entry->is_symlink();
      if (is_folder && is_hidden(path)) entry.disable_recursion_pending();
      if (entry->is_directory() || is_hidden(path)) continue;
      const std::string ending = io::ending_of(path);
      if (is_image_name(ending)) files.push_back(path);
      if (is_other_image_name(ending)) ++others[ending];
    }
  } catch (const fs::filesystem_error& error) {
    throw std::runtime_error(fmt::format("cannot look for images in {}: {}",
                                         (error.path1().empty() ? folder : error.path1()).string(),
                                         error.code().message()));
  }
  std::ranges::sort(files);
  std::string left_out = line_on(others, files.size(), folder);
  return {std::move(files), std::move(left_out)};
}

Classes classes_by_folder(const fs::path& folder, const std::vector<fs::path>& files) {
  std::vector<std::string> of_files;
  of_files.reserve(files.size());
  for (const fs::path& file : files) {
    const fs::path below = file.lexically_relative(folder);
    if (!below.has_parent_path())
      throw std::runtime_error(fmt::format(
          "{} is in no folder of a class: {} must have a folder for each class, with its images",
          file.string(), folder.string()));
    of_files.push_back(below.begin()->string());
  }
  Classes classes{of_files, {}};
  std::ranges::sort(classes.names);
  classes.names.erase(std::unique(classes.names.begin(), classes.names.end()), classes.names.end());
  if (std::ssize(classes.names) > kMostClasses)
    throw std::runtime_error(fmt::format("{} has {} folders of classes, more than {}",
                                         folder.string(), classes.names.size(), kMostClasses));
  for (const std::string& name : of_files)
    classes.labels.push_back(static_cast<std::uint8_t>(
        std::ranges::lower_bound(classes.names, name) - classes.names.begin()));
  return classes;
}

namespace {

// Puts one image after the other into their place.
class Collector {
 public:
  Collector(std::size_t count, int side)
      : count_(count), side_(side), images_{static_cast<int>(count), side, side, {}} {}

  void add(const io::Image& image, const fs::path& file) {
    if (done_ == 0) begin(image, file);
    const auto place = std::span(images_.pixels).subspan(done_ * pixels_, pixels_);
    if (side_ > 0) {
      rescale(place, side_, image.pixels, image.height, image.width);
    } else {
      require_same_size(image, file, images_, first_);
      std::ranges::copy(image.pixels, place.begin());
    }
    ++done_;
  }

  Images images() && { return std::move(images_); }

 private:
  void begin(const io::Image& image, const fs::path& file) {
    first_ = file;
    if (side_ == 0) images_ = {images_.count, image.height, image.width, {}};
    pixels_ = static_cast<std::size_t>(images_.height) * static_cast<std::size_t>(images_.width);
    require_room(count_, static_cast<std::int64_t>(pixels_), file);
    images_.pixels.resize(count_ * pixels_);
  }

  std::size_t count_, done_ = 0, pixels_ = 0;
  int side_;
  fs::path first_;
  Images images_;
};

}  // namespace

Images read_image_files(const std::vector<fs::path>& files, int side) {
  Collector collector(files.size(), side);
  Unread unread;
  for (const fs::path& file : files) {
    std::optional<io::Image> image;
    try {
      image = io::read_grey_image(file);
    } catch (const std::runtime_error& error) {
      unread.add(file, error.what());
    }
    if (image && unread.count == 0) collector.add(*image, file);
  }
  if (unread.count > 0) unread.fail();
  return std::move(collector).images();
}

}  // namespace gan::data
