#include "host/eval/generator_model.h"

#include <fmt/format.h>

#include <charconv>
#include <map>
#include <stdexcept>

#include "host/base/printable.h"
#include "host/run/choices.h"
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

// Widths from the latent vector to the images, with hidden units of so many pieces.
std::vector<int> layer_widths(const io::TensorFile& weights, int pieces) {
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
    const bool last = !tensors.contains(tensor_name(l + 1, "weight"));
    require(last || weight.shape[0] % pieces == 0,
            fmt::format("its {} does not have {} rows for each maxout unit", weight.name, pieces));
    widths.push_back(static_cast<int>(weight.shape[0]) / (last ? 1 : pieces));
  }
  require(!widths.empty(), "it has no network.0.weight, so it is not a network of this program");
  require(weights.tensors.size() == 2 * (widths.size() - 1),
          "it has tensors that are not of the layers network.0, network.2, …");
  return widths;
}

// The number that the metadata have under this name; if there is none, `otherwise`.
template <class Number>
Number number_of(const io::TensorFile& weights, const std::string& name, Number otherwise,
                 bool (*is_possible)(Number), const char* what) {
  const auto found = weights.metadata.find(name);
  if (found == weights.metadata.end()) return otherwise;
  const std::string& text = found->second;
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  require(error == std::errc() && end == text.data() + text.size() && is_possible(number),
          fmt::format("its {} {} is not {}", name, base::printable(text), what));
  return number;
}

// Of a LeakyReLU in the hidden layers; ReLU where the metadata do not say.
double slope_of(const io::TensorFile& weights) {
  return number_of<double>(
      weights, "slope", 0, [](double slope) { return slope >= 0 && slope < 1; },
      "a number in [0, 1)");
}

// Of maxout units in the hidden layers; 1, ReLU, where the metadata do not say.
int pieces_of(const io::TensorFile& weights) {
  return number_of<int>(
      weights, "maxout", 1, [](int pieces) { return pieces >= 1 && pieces <= kWidest; },
      "a number of pieces");
}

}  // namespace

model::NetworkShape generator_shape(const io::TensorFile& weights) {
  const int pieces = pieces_of(weights);
  const std::vector<int> widths = layer_widths(weights, pieces);
  return {widths.front(),
          {widths.begin() + 1, widths.end() - 1},
          widths.back(),
          model::Activation::sigmoid,
          {slope_of(weights), pieces}};
}

model::LatentDistribution latent_distribution_of(const io::TensorFile& weights) {
  const auto found = weights.metadata.find("latent");
  if (found == weights.metadata.end()) return model::LatentDistribution::normal;
  for (const auto& [name, distribution] : run::kChoices<model::LatentDistribution>)
    if (found->second == name) return distribution;
  throw std::runtime_error(
      fmt::format("its latent vectors are {}, which this version does not draw",
                  base::printable(found->second)));
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

Matrix draw_latents(int count, int latent, std::uint64_t seed,
                    model::LatentDistribution distribution) {
  Matrix z(count, latent);
  const Clock clock = clock_at(0, {});
  model::draw_latents(CpuOps<float>(), z.values.data(), z.values.size(), distribution,
                      {seed, RandomStream::evaluation_latent}, &clock);
  return z;
}

Matrix draw_latents(const io::TensorFile& weights, int count, std::uint64_t seed) {
  return draw_latents(count, generator_shape(weights).inputs(), seed,
                      latent_distribution_of(weights));
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
  return generate(products, weights, draw_latents(weights, count, seed).view());
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
