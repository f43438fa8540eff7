#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/data/idx.h"
#include "host/data/split.h"

namespace gan {

// Where the images of a run come from: a folder of MNIST-named IDX files (of any image size), or
// the program's own digits. Nothing is read before it is asked for.
class DataSource {
 public:
  static DataSource in_folder(std::filesystem::path folder);
  static DataSource built_in(std::string notice);

  // Errors are std::runtime_errors that name the file: missing, not what it should be, test images
  // of another size than the training images, not as many labels as images.
  Images load_images(Split split) const;
  std::vector<std::uint8_t> load_labels(Split split) const;

  std::string name() const;                              // "MNIST in data/mnist", "built-in digits"
  std::string option() const;                            // finds the same data again by find_data
  const std::string& notice() const { return notice_; }  // a line for the user, or empty

 private:
  DataSource() = default;

  std::optional<std::filesystem::path> folder_;  // none: the built-in digits
  std::string notice_;
};

// The data that `option` names: a folder, or "built-in" for the program's own digits. An empty one
// stands for data/mnist, then $GAN_MNIST_DIR, then the built-in digits with a notice. Training
// images must be in the folder; other files may be missing until they are loaded.
DataSource find_data(const std::string& option);

}  // namespace gan
