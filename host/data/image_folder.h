#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/data/classes.h"
#include "host/data/idx.h"

namespace gan::data {

struct ImageFolder {
  std::vector<std::filesystem::path> files;
  std::string left_out;  // a line on the images of other kinds; empty where there are none
};

// The files named .png, .jpg or .jpeg in a folder and in the folders in it, sorted by path. Hidden
// ones, whose names begin with a dot, are left out, and linked folders are not entered. Errors are
// std::runtime_errors that name the folder.
ImageFolder find_image_files(const std::filesystem::path& folder);

// The classes of these files, which are in `folder`: a class is a folder in it.  Errors are
// std::runtime_errors: a file that is in none, too many classes.
Classes classes_by_folder(const std::filesystem::path& folder,
                          const std::vector<std::filesystem::path>& files);

// These images in grey (see host/io/images/grey_image.h), in this order: as they are, all of one
// size, or, with a `side` above 0, scaled to side × side (see rescale.h). No more than one is in
// memory as it is in its file. Errors are std::runtime_errors that name the file; of several that
// cannot be read all, up to ten.
Images read_image_files(const std::vector<std::filesystem::path>& files, int side);

}  // namespace gan::data
