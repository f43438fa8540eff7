// The models that the program carries, data/models/*.safetensors.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace gan::io {

struct BuiltInModel {
  std::string_view name;             // "best"
  std::span<const std::byte> bytes;  // a safetensors file
};

const std::vector<BuiltInModel>& built_in_models();

// The model that a path means: a file of that name goes before it.  Null where there is none.
const BuiltInModel* built_in_model(const std::filesystem::path& path);

}  // namespace gan::io
