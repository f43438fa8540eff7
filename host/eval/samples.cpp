#include "host/eval/samples.h"

#include <fmt/format.h>

#include <stdexcept>

#include "host/base/printable.h"
#include "host/eval/generator_model.h"
#include "host/eval/image_arrays.h"
#include "host/eval/network_file.h"
#include "host/io/array_file.h"
#include "host/io/file_kind.h"
#include "host/io/weights.h"

namespace gan::eval {
namespace {

namespace fs = std::filesystem;

// One tensor alone is images: a network has at least two.
bool holds_images(const std::vector<io::StateDict>& states) {
  return states.size() == 1 && states.front().file.tensors.size() == 1;
}

// Draws samples->images and chooses samples->classes.
void draw(const Products& products, const NetworkFile& network, const SampleRequest& request,
          Samples* samples) {
  const auto& [weights, shape, remarks] = network;
  require_generator(weights, shape);
  if (shape.outputs() != request.pixels)
    throw std::runtime_error(
        fmt::format("its network makes {} values, but the images of the data have {} pixels; is it "
                    "a generator for these data (--data, --image-size)?",
                    shape.outputs(), request.pixels));
  if (shape.classes > 0)
    samples->classes = classes_like(request.labels, request.count, shape.classes);
  samples->images = draw_samples(products, weights, request.count, request.seed, samples->classes);
  if (!std::ranges::all_of(samples->images.values, [](float v) { return v >= 0 && v <= 1; }))
    throw std::runtime_error("what its network draws is not finite");
}

// Has errors name the file.
template <class Body>
auto evaluation(const fs::path& path, Body body) {
  try {
    return body();
  } catch (const base::UsageError&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(
        fmt::format("cannot evaluate {}: {}", path.string(), base::reason_of(error)));
  }
}

Samples images_of(const fs::path& path, Matrix images) {
  std::string description = fmt::format("{} images of {}", images.rows, path.string());
  return {std::move(images), std::move(description)};
}

Samples samples_of_array(const fs::path& path, const SampleRequest& request) {
  const ImageRequest wanted{request.count, request.pixels, request.white};
  io::ArrayFile array(path, [&](const auto& shape) { return is_images(shape, request.pixels); });
  const int count = evaluation(path, [&] { return wanted_images(array.shape(), wanted); });
  Matrix images(count, request.pixels);
  images.values = array.read(images.values.size(), request.white);
  evaluation(path, [&] { require_pixels(images, array.type(), wanted); });
  return images_of(path, std::move(images));
}

bool is_array(const fs::path& path) {
  const std::string ending = io::ending_of(path);
  return ending == ".npy" || ending == ".npz" ||
         (fs::is_regular_file(path) && io::kind_of(path) == io::FileKind::numpy);
}

// What the weights or the images of a file give.
Samples samples_of(const Products& products, const fs::path& path, const SampleRequest& request) {
  if (is_array(path)) return samples_of_array(path, request);
  std::vector<io::StateDict> states = io::load_state_dicts(path);
  return evaluation(path, [&]() -> Samples {
    if (holds_images(states))
      return images_of(path, first_images(states.front().file.tensors.front(),
                                          {request.count, request.pixels, request.white}));
    const NetworkFile network = network_of(std::move(states), request.slope);
    Samples samples{
        {}, fmt::format("{} samples of {}, seed {}", request.count, path.string(), request.seed)};
    draw(products, network, request, &samples);
    for (const std::string& remark : network.remarks)
      samples.remarks.push_back(fmt::format("{}: {}", path.string(), remark));
    return samples;
  });
}

}  // namespace

std::vector<Samples> load_samples(const Products& products, const SampleRequest& request) {
  std::vector<Samples> all;
  if (!fs::is_directory(request.path)) {
    all.push_back(samples_of(products, request.path, request));
    return all;
  }
  for (const auto& [name, weights] :
       {std::pair{"model_G.safetensors", run::GeneratorWeights::trained},
        {"model_G_ema.safetensors", run::GeneratorWeights::average}})
    if (fs::exists(request.path / name)) {
      all.push_back(samples_of(products, request.path / name, request));
      all.back().weights = weights;
    } else if (all.empty()) {
      throw std::runtime_error(why_no_weights(request.path, name));
    }
  return all;
}

}  // namespace gan::eval
