#include "host/io/images/chart_scale.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

namespace gan::io {
namespace {

using testing::DoubleNear, testing::ElementsAre, testing::Pointwise;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(NiceTicks, StepsAreOneTwoOrFive) {
  EXPECT_THAT(nice_ticks({0, 100'000}, 6), ElementsAre(0, 20'000, 40'000, 60'000, 80'000, 100'000));
  EXPECT_THAT(nice_ticks({0, 6}, 6), ElementsAre(0, 1, 2, 3, 4, 5, 6));
  EXPECT_THAT(nice_ticks({-1, 1}, 6), ElementsAre(-1, -0.5, 0, 0.5, 1));
  EXPECT_THAT(nice_ticks({0.83, 1.31}, 6),
              Pointwise(DoubleNear(1e-12), std::vector<double>{0.9, 1.0, 1.1, 1.2, 1.3}));
}

TEST(NiceTicks, AreFewInsideTheRange) {
  for (double size = 1e-25; size < 1e30; size *= 3.7) {
    const Range range{-0.3 * size, size};
    const auto ticks = nice_ticks(range, 6);
    EXPECT_GE(ticks.size(), 2U) << size;
    EXPECT_LE(ticks.size(), 7U) << size;
    EXPECT_GE(ticks.front(), range.low);
    EXPECT_LE(ticks.back(), range.high);
  }
}

TEST(TickLabels, HaveSeparatorsAndTheDecimalsOfTheStep) {
  EXPECT_THAT(tick_labels({0, 20'000, 40'000}), ElementsAre("0", "20,000", "40,000"));
  EXPECT_THAT(tick_labels({0, 0.5, 1}), ElementsAre("0.0", "0.5", "1.0"));
  EXPECT_THAT(tick_labels({0.02, 0.04}), ElementsAre("0.02", "0.04"));
  EXPECT_THAT(tick_labels({0, 5}), ElementsAre("0", "5"));
  EXPECT_THAT(tick_labels({-2000, 0}), ElementsAre("\u22122,000", "0"));
  EXPECT_THAT(tick_labels({0, 1e-7}), ElementsAre("0", "1e-07"));
  EXPECT_THAT(tick_labels({0, 2e12}), ElementsAre("0", "2e+12"));
  EXPECT_THAT(tick_labels(nice_ticks({-1e11, 2e12}, 6)).front(), "0");
  EXPECT_THAT(tick_labels({0.5}), ElementsAre("0.5"));
  EXPECT_THAT(tick_labels({}), ElementsAre());
}

TEST(FormatNumber, GroupsThousands) {
  EXPECT_EQ(format_number(999, 0), "999");
  EXPECT_EQ(format_number(1000, 0), "1,000");
  EXPECT_EQ(format_number(1'234'567.25, 2), "1,234,567.25");
}

TEST(RangeOf, ShowsEveryOrdinaryValue) {
  const Range range = range_of({0.5, 1.0, 1.5});
  EXPECT_NEAR(range.low, 0.44, 1e-12);
  EXPECT_NEAR(range.high, 1.56, 1e-12);
}

TEST(RangeOf, LeavesRareSpikesOut) {
  std::vector<double> values;
  for (int i = 0; i < 100; ++i) values.push_back(1 + 0.01 * (i % 10));
  values.push_back(1e6);
  values.push_back(-1e6);
  values.insert(values.end(), {kNan, kInfinity, -kInfinity, 1e200});
  const Range range = range_of(values);
  EXPECT_GT(range.low, 0.9);
  EXPECT_LT(range.high, 1.2);
}

TEST(RangeOf, IsNeverEmpty) {
  for (const std::vector<double>& values : std::vector<std::vector<double>>{
           {}, {0}, {kNan}, {7}, {-7, -7}, {1e-310}, {1e29}, {1e29, -1e29}, {1, 1 + 1e-15}}) {
    const Range range = range_of(values);
    EXPECT_GT(range.span(), 0);
    EXPECT_TRUE(std::isfinite(range.span()));
    EXPECT_GE(nice_ticks(range, 6).size(), 2U);
  }
}

TEST(Summarize, KeepsFewValuesAsTheyAre) {
  const std::vector<double> x = {100, 200, 300}, y = {1, kNan, 3};
  const auto stretches = summarize(x, y, 300, 3);
  ASSERT_EQ(stretches.size(), 3U);
  EXPECT_EQ(stretches[0].x, 100);
  EXPECT_EQ(stretches[0].low, 1);
  EXPECT_EQ(stretches[0].mean, 1);
  EXPECT_EQ(stretches[0].high, 1);
  EXPECT_TRUE(std::isnan(stretches[1].mean));
  EXPECT_EQ(stretches[2].mean, 3);
}

TEST(Summarize, GivesMeanAndExtremesOfManyValues) {
  const std::vector<double> x = {1, 2, 3, 6, 7, 10}, y = {1, 2, 6, kInfinity, kNan, 5};
  const auto stretches = summarize(x, y, 10, 5);  // [0,2) [2,4) [4,6) [6,8) [8,10]
  ASSERT_EQ(stretches.size(), 4U);                // none where there are no values
  EXPECT_EQ(stretches[0].x, 1);
  EXPECT_EQ(stretches[1].x, 3);
  EXPECT_EQ(stretches[1].low, 2);
  EXPECT_EQ(stretches[1].mean, 4);
  EXPECT_EQ(stretches[1].high, 6);
  EXPECT_TRUE(std::isnan(stretches[2].mean));  // values, but none to draw: a gap
  EXPECT_EQ(stretches[3].x, 9);
  EXPECT_EQ(stretches[3].mean, 5);
}

TEST(Summarize, BoundsTheNumberOfStretches) {
  std::vector<double> x(100'000), y(100'000, 1.0);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i + 1);
  EXPECT_EQ(summarize(x, y, 100'000, 150).size(), 150U);
  EXPECT_TRUE(summarize({}, {}, 1, 150).empty());
}

}  // namespace
}  // namespace gan::io
