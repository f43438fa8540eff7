#include "host/io/images/loss_plot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "host/base/file.h"
#include "tests/io/support.h"

namespace gan::io {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<MetricsRow> training(int count) {
  std::vector<MetricsRow> rows;
  for (int i = 1; i <= count; ++i) {
    const double wave = 0.05 * std::sin(i);
    rows.push_back({.step = i,
                    .loss_g = 0.9 + wave,
                    .loss_d = 1.25 - wave,
                    .loss_real = 0.70 + wave,
                    .loss_fake = 0.55 - 2 * wave});
  }
  return rows;
}

struct Colour {
  int red, green, blue;
};
constexpr Colour kDiscriminator{0, 114, 178}, kGenerator{213, 94, 0}, kReal{34, 136, 51},
    kFake{170, 51, 119};

// The region of the picture that the curves of one panel have to themselves, below the legend.
struct Panel {
  int left, right;
};
constexpr Panel kLeft{50, 690}, kRight{740, 1400};
constexpr int kTop = 60, kBottom = 458;

// Rows of the panel that contain the colour: {first, last, number of pixels}.
struct Extent {
  int first = kBottom, last = 0, pixels = 0;
};
Extent extent_of(const Image& image, const Panel& panel, const Colour& colour) {
  Extent extent;
  for (int y = kTop; y < kBottom; ++y) {
    for (int x = panel.left; x < panel.right; ++x) {
      const auto* const pixel = &image.pixels[static_cast<std::size_t>((y * image.width + x) * 3)];
      const int distance = std::abs(pixel[0] - colour.red) + std::abs(pixel[1] - colour.green) +
                           std::abs(pixel[2] - colour.blue);
      if (distance > 12) continue;
      extent.first = std::min(extent.first, y);
      extent.last = std::max(extent.last, y);
      ++extent.pixels;
    }
  }
  return extent;
}

Image plot(const std::vector<MetricsRow>& rows) {
  const base::TemporaryFolder folder;
  plot_losses(folder / "losses.png", rows);
  EXPECT_EQ(folder.count_files(), 1);
  return read_png(folder / "losses.png");
}

TEST(LossPlot, DrawsEachCurveInItsPanel) {
  const Image image = plot(training(500));
  EXPECT_EQ(image.width, 1400);
  EXPECT_EQ(image.height, 520);
  EXPECT_EQ(image.channels, 3);
  const Extent d = extent_of(image, kLeft, kDiscriminator), g = extent_of(image, kLeft, kGenerator);
  EXPECT_GT(d.pixels, 200);
  EXPECT_GT(g.pixels, 200);
  EXPECT_LT(d.last, g.first);  // 1.25 is above 0.9
  EXPECT_GT(extent_of(image, kRight, kReal).pixels, 200);
  EXPECT_GT(extent_of(image, kRight, kFake).pixels, 200);
  EXPECT_EQ(extent_of(image, kRight, kDiscriminator).pixels, 0);
}

TEST(LossPlot, CopesWithAnyNumberOfRows) {
  EXPECT_EQ(extent_of(plot({}), kLeft, kGenerator).pixels, 0);
  EXPECT_GT(extent_of(plot(training(1)), kLeft, kGenerator).pixels, 5);  // a dot
  EXPECT_GT(extent_of(plot(training(3)), kLeft, kGenerator).pixels, 100);
  EXPECT_GT(extent_of(plot(training(100'000)), kLeft, kGenerator).pixels, 400);
}

TEST(LossPlot, ASpikeDoesNotFlattenTheRest) {
  auto rows = training(500);
  rows[200].loss_g = 1e20;
  rows[300].loss_d = std::numeric_limits<double>::infinity();
  const Image image = plot(rows);
  EXPECT_LT(extent_of(image, kLeft, kDiscriminator).last, 300);
  EXPECT_GT(extent_of(image, kLeft, kGenerator).last, 300);
}

TEST(LossPlot, NotANumberLeavesAGap) {
  auto rows = training(500);
  const int whole = extent_of(plot(rows), kRight, kReal).pixels;
  for (std::size_t i = 100; i < 400; ++i) rows[i].loss_real = kNan;
  const int with_gap = extent_of(plot(rows), kRight, kReal).pixels;
  EXPECT_LT(with_gap, whole / 2 + 50);
  EXPECT_GT(with_gap, 0);
}

TEST(LossPlot, CopesWithNothingButStrangeValues) {
  auto rows = training(50);
  for (const double value : {kNan, 0.0, 1e29, -1e300, std::numeric_limits<double>::infinity()}) {
    for (MetricsRow& row : rows) {
      row.loss_g = row.loss_d = row.loss_real = row.loss_fake = value;
    }
    EXPECT_NO_THROW(plot(rows));
  }
  rows = training(500);
  rows[3].step = std::numeric_limits<std::int64_t>::min();
  rows[4].step = std::numeric_limits<std::int64_t>::max();
  EXPECT_NO_THROW(plot(rows));
}

TEST(LossPlot, IsDeterministic) {
  const base::TemporaryFolder folder;
  plot_losses(folder / "a.png", training(300));
  plot_losses(folder / "b.png", training(300));
  EXPECT_EQ(base::read_file(folder / "a.png"), base::read_file(folder / "b.png"));
}

TEST(LossPlot, NamesTheFileThatCannotBeWritten) {
  base::expect_error([] { plot_losses("/nowhere/losses.png", {}); },
                     "cannot write /nowhere/losses.png");
}

}  // namespace
}  // namespace gan::io
