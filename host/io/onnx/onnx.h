// ONNX files (https://onnx.ai), which other programs run networks from: written only.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/safetensors.h"

namespace gan::io {

// y = activation(x·wᵀ + b) of the tensors of these names.
struct OnnxLayer {
  std::string weight, bias;  // (out, in) and (out)
  std::string activation;    // an operator of ONNX: Relu, LeakyRelu, Sigmoid
  double slope = 0;          // of LeakyRelu
};

struct OnnxNetwork {
  std::vector<OnnxLayer> layers;
  std::string name, input, output;
  std::string version;         // of this program
  std::string embedding = {};  // a row for each class, (classes, out); empty: there are none
};

// The input beside `input` of a network with an embedding: (batch), whole numbers of 64 bits.
inline constexpr const char* kOnnxClass = "class";

// Writes the network atomically, for batches of any size, with the tensors' names and the file's
// metadata.  Equal networks give equal bytes.  It needs operator set 13 (ONNX 1.8, 2020) or later.
void save_onnx(const std::filesystem::path& path, const OnnxNetwork& network,
               const TensorFile& file);

}  // namespace gan::io
