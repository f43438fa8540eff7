// The shape of a fully connected network and the place of each of its tensors in an arena.
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace gan::model {

enum class Activation { relu, maxout, sigmoid, none };

// y = activation(x·wᵀ + b).  x: (rows, in), w: (linear, in), b: (linear), y: (rows, out).
struct Layer {
  int in, out;
  Activation activation;
  double slope;              // of relu below 0
  int pieces;                // of maxout: linear values of which a unit takes the largest; else 1
  std::size_t weight, bias;  // offsets into the arena

  int linear() const { return out * pieces; }
};

// What the hidden layers of a network are.
struct Hidden {
  double slope = 0;  // of ReLU below 0
  int pieces = 1;    // of maxout units; 1: ReLU
};

// A tensor of the arena under its name in the published modules: network.{0,2,4,…}.{weight,bias},
// and embedding.weight.
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
  int classes = 0;            // of a conditional network; 0: it has none
  std::size_t embedding = 0;  // offset of a row for each class, added to the first layer's product
  std::size_t arena = 0;      // values in the arena, the gaps included

  // With hidden layers of these widths, and `last` after the last layer.
  NetworkShape(int inputs, const std::vector<int>& widths, int outputs, Activation last,
               Hidden hidden = {}, int of_classes = 0);

  int inputs() const { return layers.front().in; }
  int outputs() const { return layers.back().out; }
  std::size_t parameters() const;
  std::vector<NamedTensor> tensors() const;
};

}  // namespace gan::model
