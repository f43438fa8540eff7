#include "host/io/images/sample_grid.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "tests/io/support.h"

namespace gan::io {
namespace {

TEST(SampleGrid, SixtyFourDigitsGiveTheUsualSheet) {
  const std::vector<float> images(64 * 28 * 28, 1.0F);
  const Image grid = sample_grid(images, 64, 28, 28);
  EXPECT_EQ(grid.width, 242);
  EXPECT_EQ(grid.height, 242);
  EXPECT_EQ(grid.channels, 1);
  for (int y = 0; y < 242; ++y) {
    for (int x = 0; x < 242; ++x) {
      const bool is_border = x % 30 < 2 || y % 30 < 2;
      ASSERT_EQ(grid.pixels[static_cast<std::size_t>(y * 242 + x)], is_border ? 0 : 255)
          << x << ", " << y;
    }
  }
  EXPECT_EQ(sample_grid(std::vector<float>(128 * 784), 128, 28, 28).height, 482);
}

// Three 2×1 images, two a row, padding 1; written out by hand.
TEST(SampleGrid, PlacesImagesRowByRow) {
  const std::vector<float> images = {1 / 255.F, 2 / 255.F, 3 / 255.F,
                                     4 / 255.F, 5 / 255.F, 6 / 255.F};
  const Image grid = sample_grid(images, 3, 2, 1, 2, 1);
  EXPECT_EQ(grid.width, 5);
  EXPECT_EQ(grid.height, 7);
  const std::vector<std::uint8_t> expected = {0, 0, 0, 0, 0,  //
                                              0, 1, 0, 3, 0,  //
                                              0, 2, 0, 4, 0,  //
                                              0, 0, 0, 0, 0,  //
                                              0, 5, 0, 0, 0,  //
                                              0, 6, 0, 0, 0,  //
                                              0, 0, 0, 0, 0};
  EXPECT_EQ(grid.pixels, expected);
}

TEST(SampleGrid, FewImagesMakeANarrowSheetAndOneStandsAlone) {
  const std::vector<float> images(3 * 4 * 5, 1.0F);
  const Image three = sample_grid(images, 3, 4, 5);
  EXPECT_EQ(three.width, 3 * 7 + 2);
  EXPECT_EQ(three.height, 4 + 4);
  const Image one = sample_grid(std::span(images).first(20), 1, 4, 5);
  EXPECT_EQ(one.width, 5);
  EXPECT_EQ(one.height, 4);
  EXPECT_EQ(one.pixels, std::vector<std::uint8_t>(20, 255));
}

TEST(SampleGrid, RoundsAndClampsValues) {
  constexpr float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> values = {0.0F,  1.0F, 0.5F, 1.4F / 255, 1.6F / 255,
                                     -0.1F, 1.1F, inf,  -inf,       std::nanf("")};
  const Image grid = sample_grid(values, 1, 1, 10);
  EXPECT_EQ(grid.pixels, (std::vector<std::uint8_t>{0, 255, 128, 1, 2, 0, 255, 255, 0, 0}));
}

TEST(SampleGrid, RefusesSizesThatDoNotFit) {
  const std::vector<float> images(8);
  EXPECT_NO_THROW(sample_grid(images, 2, 2, 2));
  base::expect_error([&] { sample_grid(images, 3, 2, 2); }, "8 values do not make 3 images of 2x2");
  base::expect_error([&] { sample_grid({}, 0, 2, 2); }, "sample grid");
  base::expect_error([&] { sample_grid(images, 2, 2, 2, 0); }, "sample grid");
  base::expect_error([&] { sample_grid(images, 2, 2, 2, 8, -1); }, "sample grid");
  base::expect_error([&] { sample_grid(images, -2, -2, 2); }, "sample grid");
}

}  // namespace
}  // namespace gan::io
