#include "host/bench/bench.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/train/small_run.h"

namespace gan::bench {
namespace {

// By hand, for G 6-9-20 and D 20-5-1 at a batch of 8: G has 54 + 180 = 234 products a row, D 100
// + 5.
TEST(StepWork, CountsTheProductsOfAStep) {
  run::RunSpec spec = train::small_spec();
  spec.generator_hidden = {9};
  spec.discriminator_hidden = {5};
  const double generator = 16 * 234 + 8 * (234 + 180);
  const double discriminator = 16 * (105 + 105 + 5) + 8 * (105 + 105);
  EXPECT_EQ(step_work(spec).flops, 2 * (generator + discriminator));
  // 9·6 + 9 + 20·9 + 20 and 5·20 + 5 + 5 + 1 parameters.
  EXPECT_EQ(step_work(spec).bytes, 24 * (263 + 111) + 8 * 20);
}

// The figure of the original networks: 378 MFLOP.
TEST(StepWork, OfTheOriginalNetworks) {
  run::RunSpec spec;
  spec.data = {"", 60000, 28, 28, 0};
  EXPECT_NEAR(step_work(spec).flops, 378e6, 0.5e6);
}

TEST(Bench, TimesEveryRepeat) {
  run::RunSpec spec = train::small_spec();
  spec.engine = run::EngineKind::plain;
  const BenchResult result = bench(spec, train::small_images(), {.iterations = 30, .repeats = 5});
  EXPECT_EQ(result.iterations, 30);
  ASSERT_EQ(result.us.size(), 5u);
  EXPECT_GT(result.us.front(), 0);
  EXPECT_TRUE(std::ranges::is_sorted(result.us));
  EXPECT_EQ(result.us_median(), result.us[2]);
  EXPECT_DOUBLE_EQ(result.us_spread(), (result.us[3] - result.us[1]) / 2);
  EXPECT_GT(result.ceilings.flops_per_s, result.flops_per_s());
  EXPECT_GT(result.ceilings.bytes_per_s, 1e8);
  EXPECT_EQ(result.launches_per_iteration, 0);
}

TEST(Bench, ChoosesHowManyIterationsItTakes) {
  run::RunSpec spec = train::small_spec();
  spec.engine = run::EngineKind::plain;
  const BenchResult result = bench(spec, train::small_images(), {.iterations = 0, .repeats = 1});
  EXPECT_GT(result.iterations, 20);
  EXPECT_EQ(result.us_spread(), 0);
}

}  // namespace
}  // namespace gan::bench
