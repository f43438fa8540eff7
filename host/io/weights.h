#pragma once
#include "host/io/pytorch/state_dict.h"
#include "host/io/safetensors.h"

namespace gan::io {

// The state dicts in a file: one of a safetensors file; of a PyTorch file those that it holds.
// Where there is no such file, the path may be the name of a model that the program carries
// ("best"). Files are told by their first bytes.  What is no file of weights is called by its name,
// in a std::runtime_error of one line; so is a file that the ending .safetensors, .pth or .pt
// belies.
std::vector<StateDict> load_state_dicts(const std::filesystem::path& path);

// The tensors of a file with one state dict.
TensorFile load_weights(const std::filesystem::path& path);

// Writes a .safetensors, .pth or .pt file, told by that ending, atomically.  `type` is that of the
// values, f32 or, in a .safetensors file, f16.
void save_weights(const std::filesystem::path& path, const TensorFile& file,
                  ValueType type = ValueType::f32);

}  // namespace gan::io
