#include "host/eval/samples.h"

#include <fmt/format.h>

#include <stdexcept>

#include "host/eval/generator_model.h"
#include "host/io/array_file.h"
#include "host/io/printable.h"
#include "host/io/weights.h"

namespace gan {
namespace {

namespace fs = std::filesystem;

// One tensor alone is images: a network has at least two.
bool holds_images(const TensorFile& file) {
  return file.tensors.size() == 1;
}

// How many of the images in an array of this shape are wanted.
int wanted_images(const std::vector<std::int64_t>& shape, std::uint64_t values,
                  const SampleRequest& request) {
  const bool of_images =
      shape.size() == 2 || shape.size() == 3 || (shape.size() == 4 && shape.back() == 1);
  if (!of_images || values == 0)
    throw std::runtime_error(
        "its array is not images: (n, pixels), (n, height, width) or (n, height, width, 1)");
  const std::uint64_t pixels = values / static_cast<std::uint64_t>(shape[0]);
  if (pixels != static_cast<std::uint64_t>(request.pixels))
    throw std::runtime_error(
        fmt::format("its images have {} pixels, but those of the data {}", pixels, request.pixels));
  return static_cast<int>(std::min<std::int64_t>(shape[0], request.count));
}

void require_pixels(const Matrix& images) {
  if (!std::ranges::all_of(images.values, [](float v) { return v >= 0 && v <= 1; }))
    throw std::runtime_error("its pixels are not all in [0, 1]");
}

Matrix first_images(const Tensor& tensor, const SampleRequest& request) {
  Matrix images(wanted_images(tensor.shape, tensor.values.size(), request), request.pixels);
  std::copy_n(tensor.values.begin(), images.values.size(), images.values.begin());
  require_pixels(images);
  return images;
}

Matrix drawn(const Products& products, const TensorFile& weights, const SampleRequest& request) {
  const NetworkShape shape = generator_shape(weights);
  require_generator(weights, shape);
  if (shape.outputs() != request.pixels)
    throw std::runtime_error(
        fmt::format("its network makes {} values, but the images of the data have {} pixels; is it "
                    "a generator for these data (--data, --image-size)?",
                    shape.outputs(), request.pixels));
  Matrix images = draw_samples(products, weights, request.count, request.seed);
  if (!std::ranges::all_of(images.values, [](float v) { return v >= 0 && v <= 1; }))
    throw std::runtime_error("what its network draws is not finite");
  return images;
}

// Has errors name the file.
template <class Body>
auto judging(const fs::path& path, Body body) {
  try {
    return body();
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("cannot judge {}: {}", path.string(), reason_of(error)));
  }
}

Samples images_of(const fs::path& path, Matrix images) {
  std::string description = fmt::format("{} images of {}", images.rows, path.string());
  return {std::move(images), std::move(description)};
}

Samples samples_of_array(const fs::path& path, const SampleRequest& request) {
  ArrayFile array(path);
  const int count =
      judging(path, [&] { return wanted_images(array.shape(), array.count(), request); });
  Matrix images(count, request.pixels);
  images.values = array.read(images.values.size());
  judging(path, [&] { require_pixels(images); });
  return images_of(path, std::move(images));
}

// What the weights or the images of a file give.
Samples samples_of(const Products& products, const fs::path& path, const SampleRequest& request) {
  if (path.extension() == ".npy" || path.extension() == ".npz")
    return samples_of_array(path, request);
  const TensorFile file = load_weights(path);
  return judging(path, [&]() -> Samples {
    if (holds_images(file)) return images_of(path, first_images(file.tensors.front(), request));
    return {drawn(products, file, request),
            fmt::format("{} samples of {}, seed {}", request.count, path.string(), request.seed)};
  });
}

}  // namespace

std::vector<Samples> load_samples(const Products& products, const SampleRequest& request) {
  std::vector<Samples> all;
  if (!fs::is_directory(request.path)) {
    all.push_back(samples_of(products, request.path, request));
    return all;
  }
  for (const auto& [name, weights] : {std::pair{"model_G.safetensors", GeneratorWeights::trained},
                                      {"model_G_ema.safetensors", GeneratorWeights::average}})
    if (fs::exists(request.path / name)) {
      all.push_back(samples_of(products, request.path / name, request));
      all.back().weights = weights;
    } else if (all.empty()) {
      throw std::runtime_error(why_no_weights(request.path, name));
    }
  return all;
}

}  // namespace gan
