#include "host/eval/samples.h"

#include <fmt/format.h>

#include <stdexcept>

#include "host/eval/generator_model.h"
#include "host/io/weights.h"

namespace gan {
namespace {

namespace fs = std::filesystem;

// One tensor alone is images: a network has at least two.
bool holds_images(const TensorFile& file) {
  return file.tensors.size() == 1;
}

Matrix first_images(const Tensor& tensor, const SampleRequest& request) {
  const auto& shape = tensor.shape;
  if ((shape.size() != 2 && shape.size() != 3) || tensor.values.empty())
    throw std::runtime_error("its tensor is not images: (n, pixels) or (n, height, width)");
  const auto pixels = static_cast<std::int64_t>(tensor.values.size()) / shape[0];
  if (pixels != request.pixels)
    throw std::runtime_error(
        fmt::format("its images have {} pixels, but those of the data {}", pixels, request.pixels));
  if (!std::ranges::all_of(tensor.values, [](float v) { return v >= 0 && v <= 1; }))
    throw std::runtime_error("its pixels are not all in [0, 1]");
  Matrix images(static_cast<int>(std::min<std::int64_t>(shape[0], request.count)), request.pixels);
  std::copy_n(tensor.values.begin(), images.values.size(), images.values.begin());
  return images;
}

Matrix drawn(const TensorFile& weights, const SampleRequest& request) {
  const NetworkShape shape = generator_shape(weights);
  if (shape.outputs() != request.pixels)
    throw std::runtime_error(
        fmt::format("its network makes {} values, but the images of the data have {} pixels; is it "
                    "a generator for these data?",
                    shape.outputs(), request.pixels));
  Matrix images = draw_samples(weights, request.count, request.seed);
  if (!std::ranges::all_of(images.values, [](float v) { return v >= 0 && v <= 1; }))
    throw std::runtime_error("what its network draws is not finite");
  return images;
}

// What the weights or images of a file give.
Samples samples_of(const fs::path& path, const SampleRequest& request) {
  const TensorFile file = load_weights(path);
  try {
    if (holds_images(file)) {
      Matrix images = first_images(file.tensors.front(), request);
      std::string description = fmt::format("{} images of {}", images.rows, path.string());
      return {std::move(images), std::move(description)};
    }
    return {drawn(file, request),
            fmt::format("{} samples of {}, seed {}", request.count, path.string(), request.seed)};
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("cannot judge {}: {}", path.string(), error.what()));
  }
}

}  // namespace

std::vector<Samples> load_samples(const SampleRequest& request) {
  std::vector<Samples> all;
  if (!fs::is_directory(request.path)) {
    all.push_back(samples_of(request.path, request));
    return all;
  }
  for (const auto& [name, weights] : {std::pair{"model_G.safetensors", GeneratorWeights::trained},
                                      {"model_G_ema.safetensors", GeneratorWeights::average}})
    if (fs::exists(request.path / name)) {
      all.push_back(samples_of(request.path / name, request));
      all.back().weights = weights;
    } else if (all.empty()) {
      throw std::runtime_error(
          fmt::format("{} is no folder of a run: no {} in it", request.path.string(), name));
    }
  return all;
}

}  // namespace gan
