// CpuOps<double>, the reference of all other tests, against formulas written down again and against
// values known from elsewhere.
#include <gtest/gtest.h>

#include <numeric>

#include "kernels/cpu/activations.h"
#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

// Some roundings of a double.
constexpr double kTiny = 0x1p-48;

TEST(ReferenceGemm, IsTheProductInEveryOrientation) {
  constexpr int M = 7, N = 13, K = 31;
  const Values a = random_values(M * K, 1), b = random_values(K * N, 2);
  for (const Transpose op_a : {Transpose::no, Transpose::yes})
    for (const Transpose op_b : {Transpose::no, Transpose::yes}) {
      Values c(M * N), expected(M * N);
      reference.gemm(c.data(), op_a, a.data(), op_b, b.data(), M, N, K);
      for (std::size_t i = 0; i < M; ++i)
        for (std::size_t j = 0; j < N; ++j)
          for (std::size_t k = 0; k < K; ++k)
            expected[i * N + j] += (op_a == Transpose::no ? a[i * K + k] : a[k * M + i]) *
                                   (op_b == Transpose::no ? b[k * N + j] : b[j * K + k]);
      EXPECT_TRUE(within(c, expected, Values(M * N, kTiny)));
    }
}

TEST(ReferenceBias, IsAddedToEveryRowAndItsGradientSumsTheRows) {
  Values y = {1, 2, 3, 4, 5, 6};
  const Values b = {10, 20, 30};
  reference.bias_add(y.data(), b.data(), 2, 3);
  EXPECT_EQ(y, (Values{11, 22, 33, 14, 25, 36}));
  Values db(3, NAN);
  reference.bias_gradient(db.data(), y.data(), 2, 3);
  EXPECT_EQ(db, (Values{25, 47, 69}));
}

TEST(ReferenceActivations, Relu) {
  const Values x = {-3, -1, -1, -0.5, 2}, b(5, 1), dy = {1, 2, 3, 4, 5};
  Values y = x, dx(5);
  reference.bias_relu(y.data(), b.data(), 1, 5, 0);
  EXPECT_EQ(y, (Values{0, 0, 0, 0.5, 3}));
  reference.relu_gradient(dx.data(), dy.data(), y.data(), 5, 0);
  EXPECT_EQ(dx, (Values{0, 0, 0, 4, 5}));
  y = x;
  reference.bias_relu(y.data(), b.data(), 1, 5, 0.25);
  EXPECT_EQ(y, (Values{-0.5, 0, 0, 0.5, 3}));
  reference.relu_gradient(dx.data(), dy.data(), y.data(), 5, 0.25);
  EXPECT_EQ(dx, (Values{0.25, 0.5, 0.75, 4, 5}));
}

TEST(ReferenceActivations, Sigmoid) {
  // ln 3 gives 3/4, and so on: sigmoid(ln(a/b)) = a/(a + b).
  const Values x = {0, std::log(3), -std::log(3), std::log(1e6), 1e4, -1e4};
  const Values known = {0.5, 0.75, 0.25, 1e6 / (1e6 + 1), 1, 0};
  Values y = x;
  reference.bias_sigmoid(y.data(), Values{0}.data(), 6, 1);
  EXPECT_TRUE(within(y, known, bound_of(known, kTiny)));
  Values dx(6);
  reference.sigmoid_gradient(dx.data(), Values{4, 16, 16, 0, 1, 1}.data(), y.data(), 6);
  EXPECT_TRUE(within(dx, {1, 3, 3, 0, 0, 0}, Values(6, kTiny)));
}

TEST(ReferenceBce, KnownValues) {
  // At z = ln 3: p = 3/4, so the losses are ln 4/3 against 1 and ln 4 against 0; at z = 0: ln 2.
  const Values z = {std::log(3), 0};
  for (const double target : {0.0, 1.0, 0.9}) {
    double loss = NAN, mean_p = NAN;
    Values p(2);
    reference.bce(&loss, &mean_p, p.data(), z.data(), {target}, 2);
    const double known = target * std::log(4.0 / 3) + (1 - target) * std::log(4.0);
    EXPECT_NEAR(loss, (known + std::log(2.0)) / 2, kTiny);
    EXPECT_NEAR(mean_p, 0.625, kTiny);
    EXPECT_TRUE(within(p, {0.75, 0.5}, Values(2, kTiny)));
    Values dz(2);
    reference.bce_gradient(dz.data(), p.data(), {target}, 2);
    EXPECT_TRUE(within(dz, {(0.75 - target) / 2, (0.5 - target) / 2}, Values(2, kTiny)));
  }
}

TEST(ReferenceBce, IsLinearFarOut) {
  for (const double z : {100.0, 1e4, 1e300})
    for (const double sign : {1.0, -1.0}) {
      const double logit = sign * z;
      double right = NAN, wrong = NAN, mean_p = NAN, p = NAN;
      reference.bce(&right, &mean_p, &p, &logit, {sign > 0 ? 1.0 : 0.0}, 1);
      reference.bce(&wrong, &mean_p, &p, &logit, {sign > 0 ? 0.0 : 1.0}, 1);
      EXPECT_NEAR(right, 0, 1e-43);
      EXPECT_EQ(wrong, z);
      EXPECT_NEAR(p, sign > 0 ? 1 : 0, 1e-43);
    }
}

// At a - b = ln 3, p = 3/4 and the loss is ln 4/3; at 0, 1/2 and ln 2.
TEST(ReferencePairBce, KnownValues) {
  const Values a = {std::log(3) - 5, 7}, b = {-5, 7};
  double loss = NAN, mean_p = NAN;
  Values p(2), da(2), db(2);
  reference.pair_bce(&loss, &mean_p, p.data(), a.data(), b.data(), 2);
  EXPECT_NEAR(loss, (std::log(4.0 / 3) + std::log(2.0)) / 2, kTiny);
  EXPECT_NEAR(mean_p, 0.625, kTiny);
  EXPECT_TRUE(within(p, {0.75, 0.5}, Values(2, kTiny)));
  reference.pair_bce_gradient(da.data(), db.data(), p.data(), 2);
  EXPECT_TRUE(within(da, {-0.125, -0.25}, Values(2, kTiny)));
  EXPECT_TRUE(within(db, {0.125, 0.25}, Values(2, kTiny)));
}

TEST(ReferenceReduce, FillsAndSums) {
  Values x(3);
  reference.fill(x.data(), 2.5, 3);
  EXPECT_EQ(x, (Values{2.5, 2.5, 2.5}));
  double y = NAN;
  reference.dot(&y, x.data(), Values{1, 2, -4}.data(), 0.5, 3);
  EXPECT_EQ(y, -1.25);
  reference.dot(&y, x.data(), x.data(), 0.5, 0);
  EXPECT_EQ(y, 0);
}

// The mask is that of the words as uniform() draws them: of u = (w + 1)/2.
TEST(ReferenceDropout, DropsWhatDrawsLessThanTheRate) {
  constexpr int kCount = 50, kFirst = 7;
  constexpr RandomSource kSource{9, RandomStream::dropout};
  Values words(kCount + kFirst), y(kCount);
  const Clock clock{6, 0, 0, 0};
  reference.uniform(words.data(), words.size(), 1, kSource, 6);
  reference.dropout(y.data(), Values(kCount, 3).data(), kCount, 0.25, kSource, &clock, kFirst);
  for (std::size_t i = 0; i < kCount; ++i)
    EXPECT_EQ(y[i], (words[i + kFirst] + 1) / 2 < 0.25 ? 0 : 4);
  // A value whose u is the rate itself is kept.
  const double rate = (words[kFirst] + 1) / 2;
  reference.dropout(y.data(), Values(1, 3).data(), 1, rate, kSource, &clock, kFirst);
  EXPECT_EQ(y[0], 3 / (1 - rate));
}

TEST(ReferenceEma, MovesTowardsTheWeights) {
  Values a = {4, -8};
  Clock clock{};
  clock.ema = 0.75;
  reference.ema(a.data(), Values{8, 8}.data(), 2, &clock);
  EXPECT_EQ(a, (Values{5, -4}));
}

// By hand, with β₁ = 1/2, β₂ = 3/4, ε = 1/4, α = 1 and the gradients 2 and -4 from w = 5:
//   t = 1: m = 1, v = 1, m̂ = 1/(1/2) = 2, v̂ = 1/(1/4) = 4, w = 5 - 2/(2 + 1/4) = 37/9;
//   t = 2: m = -3/2, v = 3/4 + 4 = 19/4, m̂ = -(3/2)/(3/4) = -2, v̂ = (19/4)/(7/16) = 76/7,
//          w = 37/9 + 2/(√(76/7) + 1/4).
TEST(ReferenceAdam, TwoStepsByHand) {
  constexpr AdamSettings kSettings{.rate = 1, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 0.25};
  double w = 5, m = 0, v = 0;
  double g = 2;
  Clock clock{0, 1 / 0.5, 1 / std::sqrt(0.25)};
  reference.adam(&w, &m, &v, &g, 1, kSettings, &clock);
  EXPECT_EQ(m, 1);
  EXPECT_EQ(v, 1);
  EXPECT_NEAR(w, 37.0 / 9, kTiny);
  g = -4;
  clock = {1, 1 / 0.75, 1 / std::sqrt(0.4375)};
  reference.adam(&w, &m, &v, &g, 1, kSettings, &clock);
  EXPECT_EQ(m, -1.5);
  EXPECT_EQ(v, 4.75);
  EXPECT_NEAR(w, 37.0 / 9 + 2 / (std::sqrt(76.0 / 7) + 0.25), kTiny);
}

// With a beginning as a mean: that of 6, 2, 4 is 4, whatever the average was at first; and the
// decay of 0.75 is the smaller from the fourth step on.
TEST(ReferenceClock, GivesTheDecayOfTheAverage) {
  const ClockSettings settings{.averaging = {0.75, Averaging::Start::as_mean}};
  double a = 1000;
  std::uint64_t step = 0;
  for (const double w : {6.0, 2.0, 4.0}) {
    const Clock clock = clock_at(step++, settings);
    reference.ema(&a, &w, 1, &clock);
    // Half of what was there is gone after no more steps than there were.
    EXPECT_LE(clock.ema, std::pow(0.5, 1 / static_cast<double>(step)));
  }
  EXPECT_NEAR(a, 4, kTiny);
  for (; step < 9; ++step) EXPECT_EQ(clock_at(step, settings).ema, 0.75);
  EXPECT_EQ(clock_at(0, {.averaging = {0.75}}).ema, 0.75);
  EXPECT_EQ(clock_at(5, {.averaging = {0, Averaging::Start::as_mean}}).ema, 0);
}

TEST(ReferenceClock, GivesAdamsCorrections) {
  const Clock first = clock_at(0, {0.5, 0.75}), third = clock_at(2, {0.5, 0.75});
  EXPECT_EQ(first.step, 0u);
  EXPECT_EQ(first.rate, 1 / 0.5);
  EXPECT_EQ(first.scale, 1 / std::sqrt(0.25));
  EXPECT_EQ(third.step, 2u);
  EXPECT_EQ(third.rate, 1 / 0.875);
  EXPECT_EQ(third.scale, 1 / std::sqrt(0.578125));
}

TEST(ReferenceClock, LetsTheRatesFall) {
  const auto rates = [](Decay decay, double last) {
    Values all;
    for (const std::uint64_t step : {0, 10, 20, 30, 40, 1000})
      all.push_back(clock_at(step, {.beta1 = 0, .schedule = {decay, 40, last}}).rate);
    return all;
  };
  const Values bound(6, kTiny);
  EXPECT_TRUE(same(rates(Decay::constant, 0.5), Values(6, 1)));
  EXPECT_TRUE(within(rates(Decay::linear, 0.5), {1, 0.875, 0.75, 0.625, 0.5, 0.5}, bound));
  // cos π/4 = √½.
  const double root = std::sqrt(0.5);
  EXPECT_TRUE(
      within(rates(Decay::cosine, 0), {1, (1 + root) / 2, 0.5, (1 - root) / 2, 0, 0}, bound));
  EXPECT_TRUE(within(rates(Decay::cosine, 0.5), {1, (3 + root) / 4, 0.75, (3 - root) / 4, 0.5, 0.5},
                     bound));
  EXPECT_TRUE(
      within(rates(Decay::exponential, 0.0625), {1, 0.5, 0.25, 0.125, 0.0625, 0.0625}, bound));
}

// From .5 to .75 over four epochs of ten steps: a sixteenth after each of them.
TEST(ReferenceClock, LetsTheMomentumGrowByEpochs) {
  const ClockSettings settings{.momentum = {0.5, 0.75, 4, 10}};
  const auto momentum = [&](std::uint64_t step) { return clock_at(step, settings).momentum; };
  EXPECT_EQ(momentum(0), 0.5);
  EXPECT_EQ(momentum(9), 0.5);
  EXPECT_EQ(momentum(10), 0.5625);
  EXPECT_EQ(momentum(39), 0.6875);
  EXPECT_EQ(momentum(40), 0.75);
  EXPECT_EQ(momentum(100'000), 0.75);
  EXPECT_EQ(clock_at(7, {.momentum = {0.5, 0.5}}).momentum, 0.5);
}

TEST(ReferenceClock, LetsThePenaltiesFall) {
  const ClockSettings settings{.penalty = {Decay::linear, 8, 0.5}};
  EXPECT_EQ(clock_at(0, settings).penalty, 1);
  EXPECT_EQ(clock_at(4, settings).penalty, 0.75);
  EXPECT_EQ(clock_at(9, settings).penalty, 0.5);
  EXPECT_EQ(clock_at(9, {}).penalty, 1);
}

TEST(ReferenceStep, FinishMovesTheClockAndFillsTheRing) {
  constexpr ClockSettings kSettings{.beta1 = 0.5, .beta2 = 0.75, .schedule = {Decay::linear, 8, 0}};
  std::vector<StepLosses<double>> ring(3);
  Clock clock{4, 0, 0, 0};
  const StepLosses<double> losses{1, 2, 3, 4, 5, 6, 7};
  reference.finish_step(ring.data(), 3, &losses, &clock, kSettings);
  EXPECT_EQ(ring[1].loss_real, 1);
  EXPECT_EQ(ring[1].d_g, 6);
  EXPECT_EQ(ring[1].penalty, 7);
  EXPECT_EQ(ring[0].loss_real, 0);
  EXPECT_EQ(ring[2].loss_real, 0);
  EXPECT_EQ(clock.step, 5u);
  EXPECT_EQ(clock.rate, 0.375 / (1 - 0x1p-6));
}

TEST(ReferenceStep, GatherTakesTheBatchOfTheStep) {
  // Five images of two pixels, 10·number and 10·number + 1; batches of two: {3, 1}, {4, 0}, {2}.
  const std::vector<std::uint8_t> images = {0, 1, 10, 11, 20, 21, 30, 31, 255, 41};
  const std::vector<std::uint32_t> order = {3, 1, 4, 0, 2};
  const ImageSet set{images.data(), order.data(), 5, 2};
  const auto batch_of = [&](std::uint64_t step, int rows) {
    Values x(static_cast<std::size_t>(rows) * 2);
    const Clock clock{step, 0, 0};
    reference.gather(x.data(), set, &clock, rows, 2);
    for (double& value : x) value *= 255;
    return x;
  };
  EXPECT_TRUE(within(batch_of(0, 2), {30, 31, 10, 11}, Values(4, 1e-12)));
  EXPECT_TRUE(within(batch_of(1, 2), {255, 41, 0, 1}, Values(4, 1e-12)));
  EXPECT_TRUE(within(batch_of(2, 1), {20, 21}, Values(2, 1e-12)));
  EXPECT_TRUE(within(batch_of(3, 2), {30, 31, 10, 11}, Values(4, 1e-12)));
  EXPECT_TRUE(within(batch_of(8, 1), {20, 21}, Values(2, 1e-12)));
}

// The CPU's own exponential, on which its sigmoid's tolerance rests.
TEST(CpuExponential, ErrsByTwoUnitsAtMost) {
  for (int i = 0; i <= 1'000'000; ++i) {
    const float x = static_cast<float>(i) * -87e-6f;
    const double exact = std::exp(static_cast<double>(x));
    ASSERT_NEAR(exp_nonpositive(x), exact, tolerance::ulps(2) * exact) << x;
  }
  EXPECT_EQ(exp_nonpositive(0.0f), 1);
  EXPECT_EQ(exp_nonpositive(-1e30f), exp_nonpositive(-87.0f));
  EXPECT_LE(exp_nonpositive(-87.0f), tolerance::kSigmoidAbsolute);
}

}  // namespace
}  // namespace gan
