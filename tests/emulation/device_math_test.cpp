// The device's arithmetic where <cmath> has no name for it.
#include <cuda_runtime.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

TEST(DeviceMath, SineAndCosineOfHalfTurnsAreExact) {
  for (int half_turns = -9; half_turns <= 9; ++half_turns) {
    float sine, cosine;
    sincospif(static_cast<float>(half_turns) / 2, &sine, &cosine);
    const int quarter = ((half_turns % 4) + 4) % 4;
    EXPECT_EQ(sine, quarter == 1 ? 1 : quarter == 3 ? -1 : 0) << half_turns;
    EXPECT_EQ(cosine, quarter == 0 ? 1 : quarter == 2 ? -1 : 0) << half_turns;
  }
  EXPECT_FLOAT_EQ(sinpif(0.2f), static_cast<float>(std::sin(0.2f * M_PI)));
  EXPECT_FLOAT_EQ(cospif(1.3f), static_cast<float>(std::cos(1.3f * M_PI)));
}

TEST(DeviceMath, ConversionsRoundAndSaturate) {
  EXPECT_EQ(__float2int_rn(2.5f), 2);
  EXPECT_EQ(__float2int_rn(-3.5f), -4);
  EXPECT_EQ(__float2int_rz(-2.9f), -2);
  EXPECT_EQ(__float2int_rd(-2.1f), -3);
  EXPECT_EQ(__float2int_ru(2.1f), 3);
  EXPECT_EQ(__float2int_rz(kInfinity), std::numeric_limits<int>::max());
  EXPECT_EQ(__float2int_rz(kNaN), 0);
  EXPECT_EQ(__float2uint_rz(-1.0f), 0u);
  EXPECT_EQ(__float2uint_rn(4e9f), 4000000000u);
  EXPECT_EQ(__saturatef(-1.0f), 0.0f);
  EXPECT_EQ(__saturatef(2.0f), 1.0f);
  EXPECT_EQ(__saturatef(kNaN), 0.0f);
}

TEST(DeviceMath, FusedMultiplyAddRoundsOnce) {
  const float x = 1 + 0x1p-12f;
  EXPECT_EQ(__fmaf_rn(x, x, -1.0f), 0x1p-11f + 0x1p-24f);
  EXPECT_EQ(__fadd_rn(__fmul_rn(x, x), -1.0f), 0x1p-11f);
}

TEST(DeviceMath, BitsAreCountedAndMoved) {
  EXPECT_EQ(__umulhi(0x80000000u, 6u), 3u);
  EXPECT_EQ(__popc(0xf0f0u), 8);
  EXPECT_EQ(__popcll(~0ull), 64);
  EXPECT_EQ(__clz(0), 32);
  EXPECT_EQ(__clz(1), 31);
  EXPECT_EQ(__ffs(0), 0);
  EXPECT_EQ(__ffs(8), 4);
  EXPECT_EQ(__brev(1u), 0x80000000u);
  EXPECT_EQ(__funnelshift_l(0x80000000u, 1u, 1u), 3u);
  EXPECT_EQ(__funnelshift_r(2u, 1u, 1u), 0x80000001u);
  EXPECT_EQ(__uint_as_float(__float_as_uint(-0.5f)), -0.5f);
  EXPECT_EQ(max(-1, 2u), 4294967295u);  // as in CUDA: both become unsigned
  EXPECT_EQ(min(1.5f, 2), 1.5f);
}

}  // namespace
