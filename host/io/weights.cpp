#include "host/io/weights.h"

#include <stdexcept>
#include <string>

#include "host/io/pth.h"

namespace gan {
namespace {

enum class Format { safetensors, pth };

Format format_of(const std::filesystem::path& path, const std::string& verb) {
  const std::filesystem::path ending = path.extension();
  if (ending == ".safetensors") return Format::safetensors;
  if (ending == ".pth" || ending == ".pt") return Format::pth;
  throw std::runtime_error("cannot " + verb + " " + path.string() +
                           ": weights are in a .safetensors, .pth or .pt file");
}

}  // namespace

TensorFile load_weights(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path))
    throw std::runtime_error("cannot read " + path.string() + ": No such file or directory");
  return format_of(path, "read") == Format::pth ? load_pth(path) : load_safetensors(path);
}

void save_weights(const std::filesystem::path& path, const TensorFile& file) {
  format_of(path, "write") == Format::pth ? save_pth(path, file) : save_safetensors(path, file);
}

}  // namespace gan
