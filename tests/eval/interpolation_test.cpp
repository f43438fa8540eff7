#include "host/eval/interpolation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tests/eval/support.h"

namespace gan::eval {
namespace {

TEST(SphericalPaths, GoAlongTheCircleInEqualAngles) {
  const Matrix path = spherical_paths(matrix({{1, 0, 0}, {0, 0, 1}}).view(), 4);
  ASSERT_EQ(path.rows, 4);
  for (int step = 0; step < 4; ++step) {
    const double angle = step * std::numbers::pi / 6;
    EXPECT_NEAR(path.view().row(step)[0], std::cos(angle), 1e-6);
    EXPECT_EQ(path.view().row(step)[1], 0);
    EXPECT_NEAR(path.view().row(step)[2], std::sin(angle), 1e-6);
  }
}

TEST(SphericalPaths, BeginAndEndAtTheLatentsOfEachPair) {
  const Matrix ends = random_matrix(6, 100, 1);
  const Matrix paths = spherical_paths(ends.view(), 5);
  ASSERT_EQ(paths.rows, 15);
  for (int pair = 0; pair < 3; ++pair)
    for (int i = 0; i < 100; ++i) {
      EXPECT_NEAR(paths.view().row(5 * pair)[i], ends.view().row(2 * pair)[i], 1e-6);
      EXPECT_NEAR(paths.view().row(5 * pair + 4)[i], ends.view().row(2 * pair + 1)[i], 1e-6);
    }
}

TEST(StraightPaths, GoInEqualSteps) {
  const Matrix path = straight_paths(matrix({{1, 0}, {0, 1}, {0, 4}, {0, 4}}).view(), 5);
  ASSERT_EQ(path.rows, 10);
  for (int step = 0; step < 5; ++step) {
    EXPECT_EQ(path.view().row(step)[0], 1 - 0.25F * static_cast<float>(step));
    EXPECT_EQ(path.view().row(step)[1], 0.25F * static_cast<float>(step));
    EXPECT_EQ(path.view().row(5 + step)[1], 4);
  }
}

TEST(SphericalPaths, AreStraightBetweenParallelLatents) {
  const Matrix path =
      spherical_paths(matrix({{1, 1}, {3, 3}, {0, 0}, {0, 2}, {1, 0}, {-1, 0}}).view(), 3);
  EXPECT_NEAR(path.view().row(1)[0], 2, 1e-5);
  EXPECT_NEAR(path.view().row(1)[1], 2, 1e-5);
  EXPECT_NEAR(path.view().row(7)[0], 0, 1e-5);  // opposite latents: through the middle
  for (const float value : path.values) EXPECT_TRUE(std::isfinite(value));
}

}  // namespace
}  // namespace gan::eval
