// The network in a file of weights, in the forms in which people keep one.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "host/io/pytorch/state_dict.h"
#include "host/model/network_shape.h"

namespace gan::eval {

struct NetworkFile {
  io::TensorFile weights;  // named network.{0,2,4,…}.{weight,bias} and embedding.weight
  model::NetworkShape shape;
  std::vector<std::string> remarks =
      {};  // what was taken and assumed, for a caller who gave the file
};

// The only network in a file or, where it holds several, the only generator.  Prefixes of names
// (module., _orig_mod., model., generator.) are dropped, and layers may have any names
// (0.weight, fc1.weight): they follow each other by their numbers or, where names differ in more
// than numbers, in the file's order.  `slope` is that of a LeakyReLU in the hidden layers, where
// the file does not say; without either, ReLU is assumed and remarked.  Throws std::runtime_error
// that does not name the file, and UsageError where `slope` contradicts the file.
NetworkFile network_of(std::vector<io::StateDict> states, std::optional<double> slope);

// The tensors under the names network.{0,2,4,…}.{weight,bias}; embedding.weight keeps its name.
// Throws std::runtime_error with the
// file's own name of the tensor that is not of a layer.
io::TensorFile in_our_names(io::TensorFile file);

// The tensors in parts, where their names begin with those of several networks ("generator.",
// "discriminator."); else as they are, without a common beginning.
std::vector<io::StateDict> networks_in(io::StateDict state);

}  // namespace gan::eval
