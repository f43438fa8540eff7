#include "host/io/value_type.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

namespace gan::io {
namespace {

template <class Stored>
std::vector<float> read(ValueType type, const std::vector<Stored>& stored) {
  std::vector<float> values(stored.size());
  to_floats(type, std::as_bytes(std::span(stored)), values);
  return values;
}

// Every binary16 by its definition: ±fraction·2⁻²⁴, ±(1 + fraction/1024)·2^(exponent-15), ∞, NaN.
TEST(ValueType, ReadsEveryHalf) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const float value = read<std::uint16_t>(ValueType::f16, {static_cast<std::uint16_t>(bits)})[0];
    const int exponent = static_cast<int>(bits >> 10 & 31);
    const auto fraction = static_cast<double>(bits & 1023);
    double expected =
        exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(1 + fraction / 1024, exponent - 15);
    if (exponent == 31) expected = fraction == 0 ? HUGE_VAL : NAN;
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(value)) << bits;
    } else {
      EXPECT_EQ(value, (bits >> 15 != 0 ? -expected : expected)) << bits;
    }
    EXPECT_EQ(std::signbit(value), bits >> 15 != 0) << bits;
  }
}

// Every binary16 is written as itself, a float between two as the nearer, and one in the middle as
// the even one.
TEST(ValueType, WritesTheNearestHalf) {
  for (std::uint16_t bits = 0; bits < 0x7c00; ++bits) {
    const auto next = static_cast<std::uint16_t>(bits + 1);
    const std::vector<float> two = read<std::uint16_t>(ValueType::f16, {bits, next});
    const float middle = next == 0x7c00 ? 65520 : (two[0] + two[1]) / 2;  // exact
    EXPECT_EQ(to_half(two[0]), bits);
    EXPECT_EQ(to_half(middle), bits % 2 == 0 ? bits : next);
    EXPECT_EQ(to_half(std::nextafter(middle, 0.F)), bits);
    EXPECT_EQ(to_half(std::nextafter(middle, HUGE_VALF)), next);
    EXPECT_EQ(to_half(-two[0]), bits | 0x8000);
  }
  EXPECT_EQ(to_half(1e-45F), 0);
  EXPECT_EQ(to_half(HUGE_VALF), 0x7c00);
  EXPECT_EQ(to_half(-3e38F), 0xfc00);
  EXPECT_TRUE(std::isnan(read<std::uint16_t>(ValueType::f16, {to_half(NAN)})[0]));
}

TEST(ValueType, ReadsTheOthers) {
  EXPECT_EQ(read<std::uint16_t>(ValueType::bf16, {0x3f80, 0xc049}),
            (std::vector<float>{1, -3.140625F}));
  EXPECT_EQ(read<double>(ValueType::f64, {0.1, -2}), (std::vector<float>{0.1F, -2}));
  EXPECT_EQ(read<float>(ValueType::f32, {0.1F, -2}), (std::vector<float>{0.1F, -2}));
  EXPECT_EQ(read<std::uint8_t>(ValueType::u8, {0, 255}), (std::vector<float>{0, 255}));
  EXPECT_EQ(read<std::uint8_t>(ValueType::boolean, {0, 1, 7}), (std::vector<float>{0, 1, 1}));
}

}  // namespace
}  // namespace gan::io
