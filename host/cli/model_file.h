// Loads the generator of --model.
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
  std::vector<std::string> remarks;  // on how the file was read; each names the file
};

// `path` is a file of weights, or the folder of a run.  For a folder, `weights` chooses the
// generator: "trained", "average", or "auto", which is the average where there is one.  The size of
// the images is that of the file's metadata ("image": "28x28", height and width), else a square.
// `slope` is for files that do not state their slope (see network_of).  Throws UsageError when
// `weights` is another word, and std::runtime_error in one line when the file has no generator.
ModelFile load_model(const std::filesystem::path& path, const std::string& weights,
                     std::optional<double> slope);

}  // namespace gan::cli
