// The generator that --model means, and the size of its images.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/io/safetensors.h"
#include "host/model/network_shape.h"

namespace gan::cli {

struct ImageSize {
  int height, width;
};

struct ModelFile {
  std::filesystem::path path;
  io::TensorFile weights;
  model::NetworkShape shape;
  ImageSize image;
  std::vector<std::string> remarks;  // on how the file was read; they name it
};

// `path` is a file of weights, or the folder of a run: its generator as `weights` says, "trained"
// or "average"; "auto" is the average where there is one.  The size of the images is what the
// file's metadata say ("image": "28x28", height and width), else a square.  `slope` is for files
// that do not say theirs (see network_of).  Throws UsageError for another word, and
// std::runtime_error in one line for what is not a generator.
ModelFile load_model(const std::filesystem::path& path, const std::string& weights,
                     std::optional<double> slope);

}  // namespace gan::cli
