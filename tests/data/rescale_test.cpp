#include "host/data/rescale.h"

#include <gmock/gmock.h>

#include <vector>

namespace gan::data {
namespace {

using Pixels = std::vector<std::uint8_t>;
using testing::Each;
using testing::ElementsAre;

Pixels scaled(const Pixels& from, int height, int width, int side) {
  Pixels to(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  rescale(to, side, from, height, width);
  return to;
}

TEST(Rescale, LeavesASquareOfThatSideAsItIs) {
  const Pixels image = {1, 2, 3, 4, 5, 6, 7, 8, 9};
  EXPECT_EQ(scaled(image, 3, 3, 3), image);
}

TEST(Rescale, IsTheMeanOfTheAreaThatAPixelCovers) {
  EXPECT_THAT(scaled({1, 2, 3, 5}, 2, 2, 1), ElementsAre(3));  // 2.75
  EXPECT_THAT(scaled({1, 2, 2, 5}, 2, 2, 1), ElementsAre(3));  // 2.5
  // Two thirds of the first and one third of the next pixel, in both directions.
  EXPECT_THAT(scaled({0, 90, 180, 0, 90, 180, 0, 90, 180}, 3, 3, 2), ElementsAre(30, 150, 30, 150));
  EXPECT_THAT(scaled({0, 0, 0, 90, 90, 90, 180, 180, 180}, 3, 3, 2), ElementsAre(30, 30, 150, 150));
}

TEST(Rescale, MakesLargerPixels) {
  EXPECT_THAT(scaled({7}, 1, 1, 2), Each(7));
  EXPECT_THAT(scaled({10, 20, 30, 40}, 2, 2, 3), ElementsAre(10, 15, 20, 20, 25, 30, 30, 35, 40));
}

TEST(Rescale, TakesTheMiddleSquare) {
  EXPECT_THAT(scaled({1, 2, 3, 4, 5, 6, 7, 8}, 2, 4, 2), ElementsAre(2, 3, 6, 7));
  EXPECT_THAT(scaled({1, 2, 3, 4, 5, 6, 7, 8}, 4, 2, 2), ElementsAre(3, 4, 5, 6));
  EXPECT_THAT(scaled({1, 2, 3, 4}, 1, 4, 1), ElementsAre(2));  // of two middles the first
}

TEST(Rescale, TheLargestSumFits) {
  const int side = 8192;
  const Pixels white(std::size_t{side} * side, 255);
  EXPECT_THAT(scaled(white, side, side, 1), ElementsAre(255));
}

TEST(Rescale, DoesAllImages) {
  const Images images{2, 2, 3, {0, 9, 9, 0, 9, 9, 1, 1, 5, 1, 1, 5}};
  const Images smaller = rescaled(images, 1);
  EXPECT_EQ(smaller.count, 2);
  EXPECT_EQ(smaller.height, 1);
  EXPECT_EQ(smaller.width, 1);
  EXPECT_THAT(smaller.pixels, ElementsAre(5, 1));
}

}  // namespace
}  // namespace gan::data
