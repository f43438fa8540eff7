// How a file stores the values of a tensor.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace gan::io {

enum class ValueType { f32, f16, bf16, f64, u8, boolean };

// What safetensors calls the types ("F32", "BF16", "BOOL"); none for others.
std::optional<ValueType> value_type_of_safetensors(std::string_view dtype);
std::string_view safetensors_name(ValueType type);
// Of one value, in bytes.
std::size_t size_of(ValueType type);
// Not bytes or truth values, which are images rather than weights.
bool is_floating_point(ValueType type);

// The values as floats: the nearest ones for f64, all others exactly.  `bytes` is little-endian and
// has size_of(type) bytes for each of the values.
void to_floats(ValueType type, std::span<const std::byte> bytes, std::span<float> values);

// The nearest IEEE binary16, ties to even, as its bits; infinity from 65,520 on.
std::uint16_t to_half(float value);

}  // namespace gan::io
