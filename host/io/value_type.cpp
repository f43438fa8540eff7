#include "host/io/value_type.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

namespace gan::io {
namespace {

// IEEE 754's binary16: a sign, five bits of exponent, ten of fraction.
float from_half(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000U) << 16;
  const std::uint32_t exponent = bits >> 10 & 0x1fU, fraction = bits & 0x3ffU;
  if (exponent == 0) {  // zero or subnormal: fraction · 2⁻²⁴
    const float size = std::ldexp(static_cast<float>(fraction), -24);
    return sign == 0 ? size : -size;
  }
  const std::uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

float from_bfloat16(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

constexpr std::array<std::pair<std::string_view, ValueType>, 6> kSafetensorsNames{{
    {"F32", ValueType::f32},
    {"F16", ValueType::f16},
    {"BF16", ValueType::bf16},
    {"F64", ValueType::f64},
    {"U8", ValueType::u8},
    {"BOOL", ValueType::boolean},
}};

template <class Stored, class Convert>
void convert(std::span<const std::byte> bytes, std::span<float> values, Convert to_float) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored;
    std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = to_float(stored);
  }
}

}  // namespace

std::optional<ValueType> value_type_of_safetensors(std::string_view dtype) {
  for (const auto& [name, type] : kSafetensorsNames)
    if (name == dtype) return type;
  return std::nullopt;
}

std::string_view safetensors_name(ValueType type) {
  return std::ranges::find(kSafetensorsNames, type, [](const auto& each) { return each.second; })
      ->first;
}

std::size_t size_of(ValueType type) {
  switch (type) {
    case ValueType::f64:
      return 8;
    case ValueType::f32:
      return 4;
    case ValueType::f16:
    case ValueType::bf16:
      return 2;
    case ValueType::u8:
    case ValueType::boolean:
      break;
  }
  return 1;
}

bool is_floating_point(ValueType type) {
  return type != ValueType::u8 && type != ValueType::boolean;
}

void to_floats(ValueType type, std::span<const std::byte> bytes, std::span<float> values) {
  switch (type) {
    case ValueType::f32:
      if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size_bytes());
      return;
    case ValueType::f16:
      return convert<std::uint16_t>(bytes, values, from_half);
    case ValueType::bf16:
      return convert<std::uint16_t>(bytes, values, from_bfloat16);
    case ValueType::f64:
      return convert<double>(bytes, values, [](double v) { return static_cast<float>(v); });
    case ValueType::u8:
      return convert<std::uint8_t>(bytes, values,
                                   [](std::uint8_t v) { return static_cast<float>(v); });
    case ValueType::boolean:
      return convert<std::uint8_t>(bytes, values,
                                   [](std::uint8_t v) { return v != 0 ? 1.F : 0.F; });
  }
}

std::uint16_t to_half(float value) {
  const std::uint32_t sign = std::bit_cast<std::uint32_t>(value) >> 16 & 0x8000U;
  const float size = std::abs(value);
  std::uint32_t bits = 0;
  if (std::isnan(value)) {
    bits = 0x7e00;
  } else if (size >= 65520) {
    bits = 0x7c00;
  } else if (size > 0) {
    // In units of the last bit: 1024 to 2048 for normal numbers, whose first bit adds one to the
    // exponent's field, and fewer for subnormal ones.
    const int exponent = std::max(std::ilogb(size), -14);
    const auto units = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(size, 10 - exponent)));
    bits = (static_cast<std::uint32_t>(exponent + 14) << 10) + units;
  }
  return static_cast<std::uint16_t>(sign | bits);
}

}  // namespace gan::io
