#include "host/data/dataset.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

#include "host/data/digits.h"
#include "host/data/image_folder.h"
#include "host/data/rescale.h"
#include "kernels/cpu/cores.h"

namespace gan::data {
namespace {

namespace fs = std::filesystem;

constexpr const char* kBuiltIn = "built-in";

enum class Content { images, labels };

std::string base_name(Split split, Content content) {
  return std::string(split == Split::train ? "train" : "t10k") +
         (content == Content::images ? "-images" : "-labels");
}

std::string idx_suffix(Content content) {
  return content == Content::images ? "idx3-ubyte" : "idx1-ubyte";
}

bool is_file(const fs::path& path) {
  std::error_code unreadable;
  return fs::exists(path, unreadable) && !fs::is_directory(path, unreadable);
}

// The file under one of the names that it goes by, plain before packed; as Kaggle's archive
// unpacks, in a folder of its own name.
std::optional<fs::path> find_file(const fs::path& folder, Split split, Content content) {
  for (const char* extension : {"", ".gz"}) {
    for (const char* separator : {"-", "."}) {
      const fs::path name = base_name(split, content) + separator + idx_suffix(content) + extension;
      if (is_file(folder / name)) return folder / name;
    }
  }
  for (const char* separator : {"-", "."}) {
    const fs::path name = base_name(split, content) + separator + idx_suffix(content);
    if (is_file(folder / name / name)) return folder / name / name;
  }
  return std::nullopt;
}

std::string missing(const fs::path& folder, Split split, Content content) {
  return (folder / base_name(split, content)).string() + "-" + idx_suffix(content) +
         "[.gz] is missing";
}

fs::path require_file(const fs::path& folder, Split split, Content content) {
  if (const auto file = find_file(folder, split, content)) return *file;
  throw std::runtime_error(missing(folder, split, content) + "; tools/fetch_data downloads MNIST");
}

bool holds_idx_files(const fs::path& folder) {
  for (const Split split : {Split::train, Split::test})
    for (const Content content : {Content::images, Content::labels})
      if (find_file(folder, split, content)) return true;
  return false;
}

// The folder itself, or the one below it in which torchvision keeps the files of a data set; none
// where there are no IDX files.
std::optional<fs::path> find_idx_folder(const fs::path& folder) {
  if (holds_idx_files(folder)) return folder;
  std::vector<fs::path> found;
  for (const char* const below :
       {"raw", "MNIST/raw", "FashionMNIST/raw", "KMNIST/raw", "QMNIST/raw"})
    if (holds_idx_files(folder / below)) found.push_back(folder / below);
  if (found.size() > 1)
    throw std::runtime_error(folder.string() + " holds several data sets; give one of them, as " +
                             found[0].string() + " or " + found[1].string());
  if (found.empty()) return std::nullopt;
  return found.front();
}

std::size_t digit_count(Split split) {
  return split == Split::train ? 60000 : 10000;
}

DataSource in_named_folder(const fs::path& folder, const std::string& origin) {
  std::error_code unreadable;
  if (!fs::is_directory(folder, unreadable)) {
    throw std::runtime_error(folder.string() + " (" + origin +
                             ") is not a folder; give one that holds the MNIST files, or images");
  }
  if (const auto idx = find_idx_folder(folder)) {
    require_file(*idx, Split::train, Content::images);
    return DataSource::in_folder(*idx);
  }
  const ImageFolder images = find_image_files(folder);
  if (images.files.empty())
    throw std::runtime_error(missing(folder, Split::train, Content::images) +
                             ", and there are no .png, .jpg or .jpeg files in " + folder.string() +
                             " either" + (images.left_out.empty() ? "" : "; " + images.left_out) +
                             "; tools/fetch_data downloads MNIST");
  return DataSource::of_image_files(folder, images.left_out);
}

DataSource find_originals(const std::string& option) {
  if (option == kBuiltIn) return DataSource::built_in("");
  if (!option.empty()) return in_named_folder(option, "--data");

  const fs::path default_folder = "data/mnist";
  if (find_file(default_folder, Split::train, Content::images)) {
    return DataSource::in_folder(default_folder);
  }
  const char* variable = std::getenv("GAN_MNIST_DIR");
  if (variable && *variable) return in_named_folder(variable, "$GAN_MNIST_DIR");
  return DataSource::built_in(
      "no MNIST in data/mnist or $GAN_MNIST_DIR: using built-in digits; tools/fetch_data gets it");
}

}  // namespace

DataSource DataSource::in_folder(fs::path folder) {
  DataSource source(Form::idx);
  source.folder_ = std::move(folder);
  return source;
}

DataSource DataSource::of_image_files(fs::path folder, std::string notice) {
  DataSource source(Form::image_files);
  source.notice_ = std::move(notice);
  source.folder_ = std::move(folder);
  return source;
}

DataSource DataSource::built_in(std::string notice) {
  DataSource source(Form::built_in);
  source.notice_ = std::move(notice);
  return source;
}

DataSource DataSource::scaled_to(int side) const {
  DataSource source = *this;
  source.side_ = side;
  return source;
}

Images DataSource::load_images(Split split) const {
  if (form_ == Form::image_files) {
    if (split == Split::test) require_idx("test images");
    return read_image_files(find_image_files(folder_).files, side_);
  }
  Images images = load_originals(split);
  return side_ > 0 ? rescaled(images, side_) : images;
}

Images DataSource::load_originals(Split split) const {
  if (form_ == Form::built_in)
    return draw_digits(split, digit_count(split), static_cast<unsigned>(available_cores()));
  const fs::path file = require_file(folder_, split, Content::images);
  if (split == Split::test) {
    const ImageShape test = read_idx_image_shape(file);
    const ImageShape train =
        read_idx_image_shape(require_file(folder_, Split::train, Content::images));
    if (test.height != train.height || test.width != train.width) {
      throw std::runtime_error(file.string() +
                               ": its images differ in size from those to train on");
    }
  }
  return read_idx_images(file);
}

std::vector<std::uint8_t> DataSource::load_labels(Split split) const {
  if (form_ == Form::built_in) return digit_labels(split, digit_count(split));
  require_idx("labels");
  const fs::path file = require_file(folder_, split, Content::labels);
  std::vector<std::uint8_t> labels = read_idx_labels(file);
  const auto images = static_cast<std::size_t>(
      read_idx_image_shape(require_file(folder_, split, Content::images)).count);
  if (labels.size() != images) {
    throw std::runtime_error(file.string() + ": has " + std::to_string(labels.size()) +
                             " labels for " + std::to_string(images) + " images");
  }
  return labels;
}

Classes DataSource::load_classes() const {
  if (form_ == Form::image_files)
    return classes_by_folder(folder_, find_image_files(folder_).files);
  Classes classes{{}, load_labels(Split::train)};
  for (int k = 0; k <= std::ranges::max(classes.labels); ++k)
    classes.names.push_back(std::to_string(k));
  return classes;
}

void DataSource::require_idx(const std::string& what) const {
  if (form_ == Form::idx) return;
  throw std::runtime_error("the PNG and JPEG files in " + folder_.string() +
                           " are training images alone; " + what + " come with IDX files only");
}

std::string DataSource::name() const {
  const std::string scaled =
      side_ > 0 ? ", scaled to " + std::to_string(side_) + "x" + std::to_string(side_) : "";
  if (form_ == Form::built_in) return "built-in digits" + scaled;
  return (form_ == Form::idx ? "IDX images in " : "PNG and JPEG images in ") + folder_.string() +
         scaled;
}

std::string DataSource::option() const {
  return form_ == Form::built_in ? kBuiltIn : fs::absolute(folder_).string();
}

DataSource find_data(const std::string& option, int side) {
  return find_originals(option).scaled_to(side);
}

}  // namespace gan::data
