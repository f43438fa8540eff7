// The shape of a fully connected network and the place of each of its tensors in an arena.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace gan::model {

enum class Activation { relu, sigmoid, none };

// y = activation(x·wᵀ + b).  x: (rows, in), w: (out, in), b: (out), y: (rows, out).
struct Layer {
  int in, out;
  Activation activation;
  double slope;              // of relu below 0
  std::size_t weight, bias;  // offsets into the arena
};

// A tensor of the arena under its name in the published modules: network.{0,2,4,…}.{weight,bias}.
struct NamedTensor {
  std::string name;
  std::vector<int> shape;
  std::size_t offset;

  std::size_t size() const;
};

// Each tensor begins at a multiple of 32 values (128 bytes), which the fastest matrix products ask
// for; the gaps hold zeros in every arena, and Adam leaves zeros alone.
struct NetworkShape {
  std::vector<Layer> layers;
  std::size_t arena = 0;  // values in the arena, the gaps included

  // Hidden layers use ReLU with this slope below 0, the last one `last`.
  NetworkShape(int inputs, const std::vector<int>& hidden, int outputs, Activation last,
               double slope = 0);

  int inputs() const { return layers.front().in; }
  int outputs() const { return layers.back().out; }
  std::size_t parameters() const;
  std::vector<NamedTensor> tensors() const;
};

}  // namespace gan::model
