#include "host/eval/generator_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>
#include <stdexcept>

#include "host/base/json_text.h"
#include "host/base/printable.h"
#include "host/run/choices.h"
#include "kernels/cpu/ops.h"

namespace gan::eval {
namespace {

constexpr std::int64_t kWidest = 65536;  // layer, as in training
constexpr std::size_t kMostLayers = 1000;
constexpr const char* kEmbedding = "embedding.weight";

std::string tensor_name(std::size_t layer, const char* kind) {
  return fmt::format("network.{}.{}", 2 * layer, kind);
}

void require(bool condition, const std::string& otherwise) {
  if (!condition) throw std::runtime_error(otherwise);
}

using TensorsByName = std::map<std::string_view, const io::Tensor*>;

// The classes of a network whose first layer has so many linear values; 0 without an embedding.
int classes_of(const TensorsByName& tensors, std::int64_t linear) {
  const auto found = tensors.find(kEmbedding);
  if (found == tensors.end()) return 0;
  const std::vector<std::int64_t>& shape = found->second->shape;
  require(shape.size() == 2 && shape[0] >= 1 && shape[0] <= kMostClasses && shape[1] == linear,
          fmt::format("its {} is not a row of {} values for each of at most {} classes", kEmbedding,
                      linear, kMostClasses));
  return static_cast<int>(shape[0]);
}

struct Widths {
  std::vector<int> layers;  // from the latent vector to the images
  int classes;
};

// With hidden units of so many pieces.
Widths layer_widths(const io::TensorFile& weights, int pieces) {
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
  const int classes = classes_of(tensors, tensors.at(tensor_name(0, "weight"))->shape[0]);
  require(weights.tensors.size() == 2 * (widths.size() - 1) + (classes > 0 ? 1 : 0),
          "it has tensors that are not of the layers network.0, network.2, …");
  return {std::move(widths), classes};
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
  const auto [widths, classes] = layer_widths(weights, pieces);
  return {widths.front(),
          {widths.begin() + 1, widths.end() - 1},
          widths.back(),
          model::Activation::sigmoid,
          {slope_of(weights), pieces},
          classes};
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

std::vector<std::string> class_names_of(const io::TensorFile& weights) {
  const int classes = generator_shape(weights).classes;
  std::vector<std::string> names;
  const auto found = weights.metadata.find("classes");
  if (found == weights.metadata.end() || classes == 0) {
    for (int k = 0; k < classes; ++k) names.push_back(std::to_string(k));
    return names;
  }
  const auto json = base::parse_json_or_null<nlohmann::json>(found->second);
  if (json.is_array())
    for (const nlohmann::json& name : json)
      if (name.is_string()) names.push_back(name.get<std::string>());
  require(std::ssize(names) == classes && names.size() == json.size(),
          fmt::format("its classes {} are not a list of {} names", base::printable(found->second),
                      classes));
  return names;
}

std::vector<std::uint8_t> classes_like(std::span<const std::uint8_t> labels, int count,
                                       int classes) {
  std::vector<std::uint8_t> drawn(static_cast<std::size_t>(count));
  if (labels.empty() || std::ranges::any_of(labels, [=](int label) { return label >= classes; })) {
    for (std::size_t i = 0; i < drawn.size(); ++i)
      drawn[i] = static_cast<std::uint8_t>(i % static_cast<std::size_t>(classes));
    return drawn;
  }
  std::vector<std::uint8_t> sorted(labels.begin(), labels.end());
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const double place = std::fmod((static_cast<double>(i) + 0.5) / std::numbers::phi, 1);
    drawn[i] = sorted[static_cast<std::size_t>(place * static_cast<double>(sorted.size()))];
  }
  return drawn;
}

Matrix one_hot(std::span<const std::uint8_t> classes, int count) {
  Matrix shares(static_cast<int>(classes.size()), count);
  for (int i = 0; i < shares.rows; ++i) shares.row(i)[classes[static_cast<std::size_t>(i)]] = 1;
  return shares;
}

Matrix with_classes(MatrixView z, MatrixView shares) {
  Matrix x(z.rows, z.columns + shares.columns);
  for (int i = 0; i < z.rows; ++i)
    std::copy_n(shares.row(i), shares.columns, std::copy_n(z.row(i), z.columns, x.row(i)));
  return x;
}

namespace {

// The first layer's weights with a column for each class, by which a conditional network is one
// that takes [z, c].
std::vector<float> with_class_columns(const io::TensorFile& weights, const std::string& first) {
  const io::Tensor& w = weights.at(first);
  const io::Tensor& e = weights.at(kEmbedding);
  const auto outputs = static_cast<std::size_t>(w.shape[0]);
  const auto inputs = static_cast<std::size_t>(w.shape[1]);
  std::vector<float> wide;
  for (std::size_t j = 0; j < outputs; ++j) {
    const auto row = w.values.begin() + static_cast<std::ptrdiff_t>(j * inputs);
    wide.insert(wide.end(), row, row + static_cast<std::ptrdiff_t>(inputs));
    for (std::size_t k = j; k < e.values.size(); k += outputs) wide.push_back(e.values[k]);
  }
  return wide;
}

// The same network without an embedding, with an input for each class.
model::NetworkShape with_class_inputs(const model::NetworkShape& shape) {
  std::vector<int> hidden;
  for (const model::Layer& layer : shape.layers) hidden.push_back(layer.out);
  hidden.pop_back();
  const model::Layer& first = shape.layers.front();
  return {shape.inputs() + shape.classes,
          hidden,
          shape.outputs(),
          shape.layers.back().activation,
          {first.slope, first.pieces}};
}

}  // namespace

Matrix generate(const Products& products, const io::TensorFile& weights, MatrixView x) {
  const model::NetworkShape own = generator_shape(weights);
  const model::NetworkShape shape = own.classes > 0 ? with_class_inputs(own) : own;
  std::vector<float> arena(shape.arena);
  for (const model::NamedTensor& place : shape.tensors()) {
    const bool is_wide = own.classes > 0 && place.offset == shape.layers.front().weight;
    std::ranges::copy(
        is_wide ? with_class_columns(weights, place.name) : weights.at(place.name).values,
        arena.begin() + static_cast<std::ptrdiff_t>(place.offset));
  }
  return products.forward(shape, arena, x);
}

Matrix draw_samples(const Products& products, const io::TensorFile& weights, int count,
                    std::uint64_t seed, std::span<const std::uint8_t> classes) {
  const Matrix z = draw_latents(weights, count, seed);
  const int all = generator_shape(weights).classes;
  return generate(products, weights,
                  all > 0 ? with_classes(z.view(), one_hot(classes, all).view()).view() : z.view());
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
