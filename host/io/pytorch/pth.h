// PyTorch's own format of weights (.pth, .pt).  Since PyTorch 1.6 it is a zip of <name>/data.pkl,
// the pickle of a state dict or of dictionaries that hold some, and <name>/data/<key>, the values
// of each storage.  Before, pickles and values followed each other.
#pragma once
#include <filesystem>
#include <vector>

#include "host/io/pytorch/state_dict.h"
#include "host/io/safetensors.h"

namespace gan::io {

// The state dicts in the file, with the metadata that save_pth wrote.  Runs nothing of what is in
// the file, trusts nothing in it, and takes no more memory than a few times its size.  Throws
// std::runtime_error in one line.
std::vector<StateDict> load_pth_states(const std::filesystem::path& path);

// The tensors of a file with one state dict.
TensorFile load_pth(const std::filesystem::path& path);

// Writes the tensors atomically, so that torch.load(path, weights_only=True) gives a state dict of
// them.  The metadata are a record of their own, <name>/extra/gan_cuda.json, which PyTorch leaves
// alone.  Equal content gives equal bytes.
void save_pth(const std::filesystem::path& path, const TensorFile& file);

}  // namespace gan::io
