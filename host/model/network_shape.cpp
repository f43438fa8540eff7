#include "host/model/network_shape.h"

namespace gan::model {
namespace {

std::size_t size_of(int a, int b) {
  return static_cast<std::size_t>(a) * static_cast<std::size_t>(b);
}

}  // namespace

std::size_t NamedTensor::size() const {
  std::size_t n = 1;
  for (const int extent : shape) n *= static_cast<std::size_t>(extent);
  return n;
}

NetworkShape::NetworkShape(int inputs, const std::vector<int>& hidden, int outputs, Activation last,
                           double slope) {
  const auto place = [this](std::size_t n) {
    const std::size_t offset = arena;
    arena += (n + 31) / 32 * 32;
    return offset;
  };
  const auto add = [&](int in, int out, Activation activation) {
    const std::size_t weight = place(size_of(out, in));
    const std::size_t bias = place(static_cast<std::size_t>(out));
    layers.push_back(
        {in, out, activation, activation == Activation::relu ? slope : 0, weight, bias});
  };
  for (const int width : hidden) {
    add(inputs, width, Activation::relu);
    inputs = width;
  }
  add(inputs, outputs, last);
}

std::size_t NetworkShape::parameters() const {
  std::size_t n = 0;
  for (const NamedTensor& tensor : tensors()) n += tensor.size();
  return n;
}

std::vector<NamedTensor> NetworkShape::tensors() const {
  std::vector<NamedTensor> all;
  for (std::size_t l = 0; l < layers.size(); ++l) {
    const std::string name =
        "network." + std::to_string(2 * l);  // PyTorch numbers activations, too
    all.push_back({name + ".weight", {layers[l].out, layers[l].in}, layers[l].weight});
    all.push_back({name + ".bias", {layers[l].out}, layers[l].bias});
  }
  return all;
}

}  // namespace gan::model
