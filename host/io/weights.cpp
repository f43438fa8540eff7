#include "host/io/weights.h"

#include <stdexcept>

#include "host/io/pth.h"

namespace gan {

TensorFile load_weights(const std::filesystem::path& path) {
  const std::filesystem::path ending = path.extension();
  if (ending == ".safetensors") return load_safetensors(path);
  if (ending == ".pth" || ending == ".pt") return load_pth(path);
  throw std::runtime_error("cannot read " + path.string() +
                           ": weights are in a .safetensors, .pth or .pt file");
}

}  // namespace gan
