#include "host/io/built_in_models.h"

#include <algorithm>

namespace gan::io {

const BuiltInModel* built_in_model(const std::filesystem::path& path) {
  const auto found = std::ranges::find(built_in_models(), path.string(), &BuiltInModel::name);
  return found == built_in_models().end() || std::filesystem::exists(path) ? nullptr : &*found;
}

}  // namespace gan::io
