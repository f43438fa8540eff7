// The images that are evaluated: drawn by a generator, or read from a file.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "host/eval/products.h"
#include "host/run/run_spec.h"

namespace gan::eval {

struct Samples {
  Matrix images;            // (n, pixels), in [0, 1]
  std::string description;  // "10000 samples of model_G.safetensors (100-256-256-784), seed 1"
  std::optional<run::GeneratorWeights> weights = {};  // of a run, that drew them
  std::vector<std::uint8_t> classes = {};  // (n), that a conditional generator was asked for
  std::vector<std::string> remarks = {};   // on how the file was read, for a caller who gave it
};

struct SampleRequest {
  std::filesystem::path path;
  int count = 10'000;
  std::uint64_t seed = 1;
  int pixels = 0;                         // of an image, as the data have them
  std::optional<double> slope = {};       // of the hidden layers, where the weights do not say
  std::vector<std::uint8_t> labels = {};  // of the training images: see classes_like
  int white = 0;  // value of white in images: 1 or 255; 0: as their type has it
};

// `path` is the folder of a run, whose generator is meant and, where there is one, its moving
// average; a generator's weights (.safetensors, .pth); or images, of which the first `count` are
// taken: (n, pixels), (n, height, width), (n, height, width, 1) or (n, 1, height, width) in [0, 1],
// or uint8 or bool, in a NumPy file (.npy, .npz, beside labels) or as the only tensor of a
// .safetensors file.  Throws std::runtime_error in one line.
std::vector<Samples> load_samples(const Products& products, const SampleRequest& request);

}  // namespace gan::eval
