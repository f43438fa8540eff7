#include "host/data/dataset.h"

#include <array>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "host/data/digits.h"

namespace gan {
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

// The file under one of the names that it goes by, plain before packed.
std::optional<fs::path> find_file(const fs::path& folder, Split split, Content content) {
  for (const char* extension : {"", ".gz"}) {
    for (const char* separator : {"-", "."}) {
      const fs::path file =
          folder / (base_name(split, content) + separator + idx_suffix(content) + extension);
      std::error_code unreadable;
      if (fs::exists(file, unreadable)) return file;
    }
  }
  return std::nullopt;
}

fs::path require_file(const fs::path& folder, Split split, Content content) {
  if (const auto file = find_file(folder, split, content)) return *file;
  throw std::runtime_error((folder / base_name(split, content)).string() + "-" +
                           idx_suffix(content) +
                           "[.gz] is missing; tools/fetch_data downloads MNIST");
}

std::size_t digit_count(Split split) {
  return split == Split::train ? 60000 : 10000;
}

DataSource in_named_folder(const fs::path& folder, const std::string& origin) {
  std::error_code unreadable;
  if (!fs::is_directory(folder, unreadable)) {
    throw std::runtime_error(folder.string() + " (" + origin +
                             ") is not a folder; give one that holds the MNIST files");
  }
  require_file(folder, Split::train, Content::images);
  return DataSource::in_folder(folder);
}

}  // namespace

DataSource DataSource::in_folder(fs::path folder) {
  DataSource source;
  source.folder_ = std::move(folder);
  return source;
}

DataSource DataSource::built_in(std::string notice) {
  DataSource source;
  source.notice_ = std::move(notice);
  return source;
}

Images DataSource::load_images(Split split) const {
  if (!folder_) return draw_digits(split, digit_count(split), std::thread::hardware_concurrency());
  const fs::path file = require_file(*folder_, split, Content::images);
  if (split == Split::test) {
    const ImageShape test = read_idx_image_shape(file);
    const ImageShape train =
        read_idx_image_shape(require_file(*folder_, Split::train, Content::images));
    if (test.height != train.height || test.width != train.width) {
      throw std::runtime_error(file.string() +
                               ": its images differ in size from those to train on");
    }
  }
  return read_idx_images(file);
}

std::vector<std::uint8_t> DataSource::load_labels(Split split) const {
  if (!folder_) return digit_labels(split, digit_count(split));
  const fs::path file = require_file(*folder_, split, Content::labels);
  std::vector<std::uint8_t> labels = read_idx_labels(file);
  const auto images = static_cast<std::size_t>(
      read_idx_image_shape(require_file(*folder_, split, Content::images)).count);
  if (labels.size() != images) {
    throw std::runtime_error(file.string() + ": has " + std::to_string(labels.size()) +
                             " labels for " + std::to_string(images) + " images");
  }
  return labels;
}

std::string DataSource::name() const {
  return folder_ ? "MNIST in " + folder_->string() : "built-in digits";
}

std::string DataSource::option() const {
  return folder_ ? fs::absolute(*folder_).string() : kBuiltIn;
}

DataSource find_data(const std::string& option) {
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

}  // namespace gan
