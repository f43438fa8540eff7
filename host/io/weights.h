#pragma once
#include "host/io/safetensors.h"

namespace gan {

// Tensors out of a .safetensors, .pth or .pt file, told by that ending.
TensorFile load_weights(const std::filesystem::path& path);

}  // namespace gan
