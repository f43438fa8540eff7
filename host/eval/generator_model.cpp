#include "host/eval/generator_model.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <stdexcept>

#include "host/base/printable.h"
#include "kernels/cpu/ops.h"

namespace gan::eval {
namespace {

constexpr std::int64_t kWidest = 65536;  // layer, as in training
constexpr std::size_t kMostLayers = 1000;

std::string tensor_name(std::size_t layer, const char* kind) {
  return fmt::format("network.{}.{}", 2 * layer, kind);
}

void require(bool condition, const std::string& otherwise) {
  if (!condition) throw std::runtime_error(otherwise);
}

using TensorsByName = std::map<std::string_view, const io::Tensor*>;

// Widths from the latent vector to the images.
std::vector<int> layer_widths(const io::TensorFile& weights) {
  TensorsByName tensors;
  for (const io::Tensor& tensor : weights.tensors) tensors.emplace(tensor.name, &tensor);
  std::vector<int> widths;
  for (std::size_t l = 0; tensors.contains(tensor_name(l, "weight")); ++l) {
    require(l < kMostLayers, fmt::format("it has more than {} layers", kMostLayers));
    const io::Tensor& weight = *tensors.at(tensor_name(l, "weight"));
    const auto found = tensors.find(tensor_name(l, "bias"));
    require(found != tensors.end(),
            fmt::format("the tensor {} is missing", tensor_name(l, "bias")));
    const io::Tensor& bias = *found->second;
    require(weight.shape.size() == 2 && weight.shape[0] >= 1 && weight.shape[1] >= 1 &&
                weight.shape[0] <= kWidest && weight.shape[1] <= kWidest,
            fmt::format("its {} is not the matrix of a layer", weight.name));
    require(bias.shape == std::vector{weight.shape[0]},
            fmt::format("its {} does not fit {}", bias.name, weight.name));
    if (l == 0) widths.push_back(static_cast<int>(weight.shape[1]));
    require(weight.shape[1] == widths.back(),
            fmt::format("its {} takes {} values, but the layer before it gives {}", weight.name,
                        weight.shape[1], widths.back()));
    widths.push_back(static_cast<int>(weight.shape[0]));
  }
  require(!widths.empty(), "it has no network.0.weight, so it is not a network of this program");
  require(weights.tensors.size() == 2 * (widths.size() - 1),
          "it has tensors that are not of the layers network.0, network.2, …");
  return widths;
}

// Of a LeakyReLU in the hidden layers: what the metadata say, else that of ReLU.
double slope_of(const io::TensorFile& weights) {
  const auto found = weights.metadata.find("slope");
  if (found == weights.metadata.end()) return 0;
  const std::string& text = found->second;
  double slope = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), slope);
  require(error == std::errc() && end == text.data() + text.size() && slope >= 0 && slope < 1,
          fmt::format("its slope {} is not a number in [0, 1)", base::printable(text)));
  return slope;
}

}  // namespace

model::NetworkShape generator_shape(const io::TensorFile& weights) {
  const std::vector<int> widths = layer_widths(weights);
  return {widths.front(),
          {widths.begin() + 1, widths.end() - 1},
          widths.back(),
          model::Activation::sigmoid,
          slope_of(weights)};
}

bool is_discriminator(const io::TensorFile& weights, const model::NetworkShape& shape) {
  const auto found = weights.metadata.find("network");
  return found != weights.metadata.end() ? found->second == "D" : shape.outputs() == 1;
}

void require_generator(const io::TensorFile& weights, const model::NetworkShape& shape) {
  require(!is_discriminator(weights, shape),
          fmt::format("it is a discriminator, which takes images of {} pixels and draws none; the "
                      "weights of a generator are needed",
                      shape.inputs()));
}

Matrix draw_latents(int count, int latent, std::uint64_t seed) {
  Matrix z(count, latent);
  const Clock clock = clock_at(0, {});
  CpuOps<float>().normal(z.values.data(), z.values.size(), {seed, RandomStream::evaluation_latent},
                         &clock);
  return z;
}

Matrix generate(const Products& products, const io::TensorFile& weights, MatrixView z) {
  const model::NetworkShape shape = generator_shape(weights);
  std::vector<float> arena(shape.arena);
  for (const model::NamedTensor& place : shape.tensors())
    std::ranges::copy(weights.at(place.name).values,
                      arena.begin() + static_cast<std::ptrdiff_t>(place.offset));
  return products.forward(shape, arena, z);
}

Matrix draw_samples(const Products& products, const io::TensorFile& weights, int count,
                    std::uint64_t seed) {
  const int latent = generator_shape(weights).inputs();
  return generate(products, weights, draw_latents(count, latent, seed).view());
}

std::string why_no_weights(const std::filesystem::path& folder, const std::string& name) {
  if (std::filesystem::exists(folder / "checkpoint.safetensors"))
    return fmt::format(
        "{} has not saved weights yet: a run does so with the first checkpoint after an epoch "
        "(--checkpoint-every), and when it is stopped",
        folder.string());
  return fmt::format("{} is not the folder of a run: there is no {} in it", folder.string(), name);
}

}  // namespace gan::eval
