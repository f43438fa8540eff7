#include "host/data/mean_logits.h"

#include <gtest/gtest.h>

#include <cmath>

namespace gan::data {
namespace {

// Pixels that are always black, always white, in the middle, and white in one of four images.
TEST(MeanLogits, AreThoseByWhichASigmoidGivesTheMeanImage) {
  const Images images{4, 2, 2, {0, 255, 0, 255, 0, 255, 255, 0, 0, 255, 0, 0, 0, 255, 255, 0}};
  const std::vector<float> logits = mean_logits(images);
  ASSERT_EQ(logits.size(), 4u);
  const float most = std::log((1 - 1e-7) / 1e-7);
  EXPECT_FLOAT_EQ(logits[0], -most);
  EXPECT_FLOAT_EQ(logits[1], most);
  EXPECT_EQ(logits[2], 0);
  EXPECT_FLOAT_EQ(logits[3], std::log(1 / 3.0F));
}

}  // namespace
}  // namespace gan::data
