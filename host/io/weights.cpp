#include "host/io/weights.h"

#include <string>
#include <utility>

#include "host/base/file.h"
#include "host/io/built_in_models.h"
#include "host/io/file_kind.h"
#include "host/io/pytorch/pth.h"

namespace gan::io {
namespace {

namespace fs = std::filesystem;

bool is_pytorch(const fs::path& path) {
  const std::string ending = ending_of(path);
  return ending == ".pth" || ending == ".pt";
}

bool is_safetensors(const fs::path& path) {
  return ending_of(path) == ".safetensors";
}

// Why a file of this kind is not what its name says, if so.
void check_name(const fs::path& path, FileKind kind) {
  if (is_pytorch(path) && kind == FileKind::safetensors)
    base::fail("read", path, "it is a safetensors file; give it a name that ends in .safetensors");
  if (is_safetensors(path) && (kind == FileKind::zip || kind == FileKind::old_pytorch))
    base::fail("read", path, "it is a file of PyTorch; give it a name that ends in .pth");
}

// What to say of a missing file: a bare name may be meant for a model of the program.
std::string why_missing(const fs::path& path) {
  std::string reason = "No such file or directory";
  if (path.has_parent_path() || path.has_extension()) return reason;
  const char* before = "; the program itself has the models ";
  for (const BuiltInModel& each : built_in_models())
    reason += std::exchange(before, ", ") + std::string(each.name);
  return reason;
}

}  // namespace

std::vector<StateDict> load_state_dicts(const fs::path& path) {
  if (const BuiltInModel* const model = built_in_model(path))
    return {{"", parse_safetensors(model->bytes, path.string())}};
  if (!fs::exists(path)) base::fail("read", path, why_missing(path));
  const FileKind kind = kind_of(path);
  if (const std::string reason = reason_against(kind); !reason.empty())
    base::fail("read", path, reason);
  check_name(path, kind);
  if (kind == FileKind::safetensors || is_safetensors(path)) {
    std::vector<StateDict> states;
    states.push_back({"", load_safetensors(path)});
    return states;
  }
  if (kind == FileKind::zip || kind == FileKind::old_pytorch || is_pytorch(path))
    return load_pth_states(path);
  base::fail("read", path, "weights are in a .safetensors, .pth or .pt file");
}

TensorFile load_weights(const fs::path& path) {
  return only_state(load_state_dicts(path), path);
}

void save_weights(const fs::path& path, const TensorFile& file, ValueType type) {
  if (is_safetensors(path)) return save_safetensors(path, file, type);
  if (type != ValueType::f32)
    base::fail("write", path, "16-bit weights are written to .safetensors files only");
  if (is_pytorch(path)) return save_pth(path, file);
  base::fail("write", path, "weights are in a .safetensors, .pth or .pt file");
}

}  // namespace gan::io
