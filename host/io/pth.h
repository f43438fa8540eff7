// PyTorch's own format of weights (.pth, .pt), since PyTorch 1.6: a zip of <name>/data.pkl, the
// pickle of a state dict, and <name>/data/<key>, the values of each storage.
#pragma once
#include <filesystem>

#include "host/io/safetensors.h"

namespace gan {

// Runs nothing of what is in the file, trusts nothing in it, and takes no more memory than a few
// times its size. Throws std::runtime_error in one line.
TensorFile load_pth(const std::filesystem::path& path);

// Writes the tensors atomically, so that torch.load(path, weights_only=True) gives a state dict of
// them; the format has no place for metadata.  Equal tensors give equal bytes.
void save_pth(const std::filesystem::path& path, const TensorFile& file);

}  // namespace gan
