#pragma once
#include "host/io/safetensors.h"

namespace gan {

// Tensors out of a .safetensors, .pth or .pt file, told by that ending.
TensorFile load_weights(const std::filesystem::path& path);

// Writes such a file, atomically.  Metadata have a place in .safetensors alone.
void save_weights(const std::filesystem::path& path, const TensorFile& file);

}  // namespace gan
