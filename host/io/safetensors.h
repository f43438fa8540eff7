// safetensors files (https://huggingface.co/docs/safetensors): weights that PyTorch and NumPy users
// can load, and the checkpoints.  Written as F32, the type everything here is trained in, or as
// F16; BF16, F64, U8 and BOOL are read, too.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/value_type.h"

namespace gan::io {

struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;  // empty: a scalar
  std::vector<float> values;        // row-major
  ValueType type = ValueType::f32;  // in the file that they are from
};

struct TensorFile {
  std::vector<Tensor> tensors;  // in the order of their values in the file
  std::map<std::string, std::string> metadata;

  // Throws std::runtime_error with the name when there is no such tensor.
  const Tensor& at(std::string_view name) const;
};

// Writes the values as `type`, f32 or f16, atomically; equal content gives equal bytes.  Throws
// when a shape does not match its values, two tensors share a name or a text is not UTF-8.
void save_safetensors(const std::filesystem::path& path, const TensorFile& file,
                      ValueType type = ValueType::f32);

// Trusts nothing in the file: a malformed one is refused in one line and costs no more memory than
// a few times its own size.
TensorFile load_safetensors(const std::filesystem::path& path);

// The same of a file's bytes; errors call it `name`.
TensorFile parse_safetensors(std::span<const std::byte> bytes, const std::string& name);

}  // namespace gan::io
