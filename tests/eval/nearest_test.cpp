#include "host/eval/nearest.h"

#include <gtest/gtest.h>

#include "tests/eval/support.h"

namespace gan::eval {
namespace {

TEST(NearestImages, AreThoseAtTheSmallestDistance) {
  const Matrix images = matrix({{0, 0}, {1, 0}, {0, 1}, {1, 0}});
  const Matrix samples = matrix({{0.9F, 0.1F}, {0, 0}, {0, 3}});
  const std::vector<Nearest> nearest = nearest_images(*cpu, samples.view(), images.view());
  ASSERT_EQ(nearest.size(), 3U);
  EXPECT_EQ(nearest[0].index, 1);  // and not 3, which is as near
  EXPECT_NEAR(nearest[0].distance, 0.1414214, 1e-6);
  EXPECT_EQ(nearest[1].index, 0);
  EXPECT_EQ(nearest[1].distance, 0);
  EXPECT_EQ(nearest[2].index, 2);
  EXPECT_NEAR(nearest[2].distance, 2, 1e-6);
}

}  // namespace
}  // namespace gan::eval
