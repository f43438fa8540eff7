#pragma once
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "host/io/safetensors.h"

namespace gan::io {

// Tensors by their names, as a file holds them.
struct StateDict {
  std::string key;  // where in the file: "model", "nets.G"; empty for the whole
  TensorFile file;
  std::string problem = {};  // why the tensors have no values; empty when they have
};

// Where they are, for messages: "G", "D".
std::string keys_of(std::span<const StateDict> states);

// The tensors where there is one state dict; throws std::runtime_error with its problem, or with
// all keys when there are several.  `path` is what errors call the file.
TensorFile only_state(std::vector<StateDict> states, const std::filesystem::path& path);

}  // namespace gan::io
