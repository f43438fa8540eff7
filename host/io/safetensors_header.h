// The JSON header of a safetensors file, which is the whole of its structure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/value_type.h"

namespace gan::io {

inline constexpr std::string_view kMetadataKey = "__metadata__";

struct TensorEntry {
  std::string name;
  std::vector<std::int64_t> shape;
  std::size_t count = 0;  // number of values, the product of the shape
  ValueType type = ValueType::f32;
};

struct SafetensorsHeader {
  std::vector<TensorEntry> tensors;  // their values follow each other without gaps in this order
  std::map<std::string, std::string> metadata;
};

// Reads and checks the header of a file whose header is followed by `buffer_size` bytes of values.
// Throws std::runtime_error with what is wrong, without the name of the file.
SafetensorsHeader parse_safetensors_header(std::string_view json, std::uint64_t buffer_size);

}  // namespace gan::io
