#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/data/classes.h"
#include "host/data/idx.h"
#include "host/data/split.h"

namespace gan::data {

// Where the images of a run come from: a folder of MNIST-named IDX files (of any image size), a
// folder of PNG and JPEG files, all to train on and without labels, or the program's own digits.
// Nothing is read before it is asked for.
class DataSource {
 public:
  static DataSource in_folder(std::filesystem::path folder);  // of IDX files
  static DataSource of_image_files(std::filesystem::path folder, std::string notice = "");
  static DataSource built_in(std::string notice);

  // The same with every image cropped to its middle square and scaled to side × side; with 0, as
  // they are.
  DataSource scaled_to(int side) const;

  // Errors are std::runtime_errors that name the file: missing, not what it should be, test images
  // of another size than the training images, not as many labels as images; and there are no test
  // images and no labels of image files.
  Images load_images(Split split) const;
  std::vector<std::uint8_t> load_labels(Split split) const;

  // The classes of the training images: by the label file, with the numbers as names; of image
  // files by the folder below the data's that each is in, in the order of the folders' names.
  // Throws std::runtime_error when there are no labels, an image lies in no such folder, or there
  // are more than kMostClasses (kernels/ops.h).
  Classes load_classes() const;

  std::string name() const;    // "IDX images in data/mnist", "built-in digits, scaled to 14x14"
  std::string option() const;  // finds the same data again by find_data
  const std::string& notice() const { return notice_; }  // a line for the user, or empty

 private:
  enum class Form { idx, image_files, built_in };

  explicit DataSource(Form form) : form_(form) {}
  Images load_originals(Split split) const;
  void require_idx(const std::string& what) const;

  Form form_;
  std::filesystem::path folder_;  // none of the built-in digits
  int side_ = 0;                  // 0: the images are not scaled
  std::string notice_;
};

// The data that `option` names: a folder, or "built-in" for the program's own digits. An empty one
// stands for data/mnist, then $GAN_MNIST_DIR, then the built-in digits with a notice. IDX files may
// lie as Kaggle's archive and torchvision put them, in folders of their names and in MNIST/raw. In
// a folder with any of the four IDX files the training images must be among them, and others may be
// missing until they are loaded; any other folder must hold image files. `side` is as scaled_to()
// has it.
DataSource find_data(const std::string& option, int side = 0);

}  // namespace gan::data
