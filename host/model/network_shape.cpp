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

NetworkShape::NetworkShape(int inputs, const std::vector<int>& widths, int outputs, Activation last,
                           Hidden hidden, int of_classes)
    : classes(of_classes) {
  const auto place = [this](std::size_t n) {
    const std::size_t offset = arena;
    arena += (n + 31) / 32 * 32;
    return offset;
  };
  const auto add = [&](Layer layer) {
    layer.weight = place(size_of(layer.linear(), layer.in));
    layer.bias = place(static_cast<std::size_t>(layer.linear()));
    layers.push_back(layer);
    inputs = layer.out;
  };
  const bool is_maxout = hidden.pieces > 1;
  for (const int width : widths)
    add({inputs, width, is_maxout ? Activation::maxout : Activation::relu,
         is_maxout ? 0 : hidden.slope, hidden.pieces, 0, 0});
  add({inputs, outputs, last, 0, 1, 0, 0});
  if (classes > 0) embedding = place(size_of(classes, layers.front().linear()));
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
    all.push_back({name + ".weight", {layers[l].linear(), layers[l].in}, layers[l].weight});
    all.push_back({name + ".bias", {layers[l].linear()}, layers[l].bias});
  }
  if (classes > 0)
    all.push_back({"embedding.weight", {classes, layers.front().linear()}, embedding});
  return all;
}

}  // namespace gan::model
