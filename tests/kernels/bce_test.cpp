#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Bce = BackendTest;

// Around the 32 threads of a warp and the 256 of the one block that the CUDA kernel runs.
constexpr int kBatches[] = {1, 2, 31, 32, 33, 127, 255, 256, 257, 513, 1000};
// With weights that round nothing.
using Target = BceTarget<double>;
constexpr Target kTargets[] = {{0}, {1}, {0.875}, {0, -1}, {1, 0.5}};

struct Losses {
  Values loss, mean_p, p;
};

template <class B>
BceTarget<typename B::Real> rounded(Target against) {
  using Real = typename B::Real;
  return {static_cast<Real>(against.target), static_cast<Real>(against.weight)};
}

template <class B>
Losses bce(const B& backend, const Values& z, Target against) {
  const Output<B> loss(backend, 1), mean_p(backend, 1), p(backend, z.size());
  const Input<B> device_z(backend, z);
  backend.bce(loss.get(), mean_p.get(), p.get(), device_z.get(), rounded<B>(against),
              static_cast<int>(z.size()));
  return {loss.values(), mean_p.values(), p.values()};
}

template <class B>
Values bce_gradient(const B& backend, const Values& p, Target against) {
  const Output<B> dz(backend, p.size());
  const Input<B> device_p(backend, p);
  backend.bce_gradient(dz.get(), device_p.get(), rounded<B>(against), static_cast<int>(p.size()));
  return dz.values();
}

double mean_magnitude(const Values& z, Target against) {
  double sum = 0;
  for (const double x : z)
    sum += std::max(x, 0.0) + std::abs(x * against.target) + std::log1p(std::exp(-std::abs(x)));
  return std::abs(against.weight) * sum / static_cast<double>(z.size());
}

void expect_right(const TestedBackend& backend, const Values& z, Target target) {
  SCOPED_TRACE(testing::Message() << z.size() << " logits, target " << target.target << ", weight "
                                  << target.weight);
  const int B = static_cast<int>(z.size());
  const Losses actual = bce(backend, z, target), expected = bce(reference, z, target);
  EXPECT_TRUE(within(actual.p, expected.p,
                     bound_of(expected.p, tolerance::kSigmoid, tolerance::kSigmoidAbsolute)));
  EXPECT_TRUE(within(actual.loss, expected.loss,
                     {tolerance::bce_loss(B) * mean_magnitude(z, target) + tolerance::kUnderflow}));
  EXPECT_TRUE(
      within(actual.mean_p, expected.mean_p,
             bound_of(expected.mean_p, tolerance::bce_mean(B), tolerance::kSigmoidAbsolute)));
}

TEST_F(Bce, IsTheMeanOverTheBatch) {
  for (const int B : kBatches)
    for (const Target target : kTargets)
      expect_right(backend(), random_values(static_cast<std::size_t>(B), 1, -6, 6), target);
}

TEST_F(Bce, StaysFiniteFarOut) {
  for (const double z : {0.0, 17.0, -17.0, 100.0, -100.0, 1e4, -1e4})
    for (const Target target : kTargets) expect_right(backend(), {z}, target);
}

TEST_F(Bce, OfAnEmptyBatchIsLeftAlone) {
  const Output<TestedBackend> loss(backend(), Values{7}), mean_p(backend(), Values{8});
  const Output<TestedBackend> p(backend(), 0);
  backend().bce(loss.get(), mean_p.get(), p.get(), p.get(), {1}, 0);
  EXPECT_EQ(loss.values(), Values{7});
  EXPECT_EQ(mean_p.values(), Values{8});
  p.read();
}

TEST_F(Bce, Gradient) {
  for (const int B : kBatches)
    for (const Target target : kTargets) {
      SCOPED_TRACE(testing::Message() << B << " probabilities, target " << target.target);
      const Values p = random_values(static_cast<std::size_t>(B), 1, 0, 1);
      const Values dz = bce_gradient(reference, p, target);
      EXPECT_TRUE(
          within(bce_gradient(backend(), p, target), dz, bound_of(dz, tolerance::kBceGradient)));
    }
  bce_gradient(backend(), {}, {1});
}

TEST_F(Bce, GradientMayReplaceTheProbabilities) {
  const Values p = random_values(300, 1, 0, 1);
  const Output<TestedBackend> dz(backend(), p);
  backend().bce_gradient(dz.get(), dz.get(), {1}, 300);
  EXPECT_TRUE(same(dz.values(), bce_gradient(backend(), p, {1})));
}

using PairBce = BackendTest;

template <class B>
Losses pair_bce(const B& backend, const Values& a, const Values& b) {
  const Output<B> loss(backend, 1), mean_p(backend, 1), p(backend, a.size());
  const Input<B> device_a(backend, a), device_b(backend, b);
  backend.pair_bce(loss.get(), mean_p.get(), p.get(), device_a.get(), device_b.get(),
                   static_cast<int>(a.size()));
  return {loss.values(), mean_p.values(), p.values()};
}

// Multiples of 2⁻¹⁶ below 16, whose differences are exact: the bounds are those of bce.
Values logits(std::size_t n, std::uint32_t seed) {
  Values values = random_values(n, seed, -8, 8);
  for (double& value : values) value = std::round(value * 65536) / 65536;
  return values;
}

TEST_F(PairBce, IsTheBceOfTheDifference) {
  for (const int B : kBatches) {
    SCOPED_TRACE(testing::Message() << B << " pairs");
    const Values a = logits(static_cast<std::size_t>(B), 1), b = logits(a.size(), 2);
    Values margins = a;
    for (std::size_t i = 0; i < a.size(); ++i) margins[i] -= b[i];
    const Losses actual = pair_bce(backend(), a, b), expected = bce(reference, margins, {1});
    EXPECT_TRUE(within(actual.p, expected.p,
                       bound_of(expected.p, tolerance::kSigmoid, tolerance::kSigmoidAbsolute)));
    EXPECT_TRUE(
        within(actual.loss, expected.loss,
               {tolerance::bce_loss(B) * mean_magnitude(margins, {1}) + tolerance::kUnderflow}));
    EXPECT_TRUE(
        within(actual.mean_p, expected.mean_p, bound_of(expected.mean_p, tolerance::bce_mean(B))));
  }
}

TEST_F(PairBce, StaysFiniteFarOut) {
  for (const double margin : {100.0, -100.0, 1e4, -1e4, 3e38, -3e38}) {
    const Losses losses = pair_bce(backend(), {margin}, {0});
    EXPECT_TRUE(within(losses.loss, {std::max(-margin, 0.0)},
                       {tolerance::kEpsilon * std::abs(margin) + tolerance::kUnderflow}));
    EXPECT_NEAR(losses.p[0], margin > 0 ? 1 : 0, tolerance::kSigmoidAbsolute + 1e-43);
  }
}

TEST_F(PairBce, OfNoPairsIsLeftAlone) {
  const Output<TestedBackend> loss(backend(), Values{7}), mean_p(backend(), Values{8});
  const Output<TestedBackend> p(backend(), 0);
  backend().pair_bce(loss.get(), mean_p.get(), p.get(), p.get(), p.get(), 0);
  backend().pair_bce_gradient(p.get(), p.get(), p.get(), 0);
  EXPECT_EQ(loss.values(), Values{7});
  EXPECT_EQ(mean_p.values(), Values{8});
}

TEST_F(PairBce, GradientIsThatOfBothSides) {
  for (const int B : kBatches) {
    const Values p = random_values(static_cast<std::size_t>(B), 1, 0, 1);
    const Values expected = bce_gradient(reference, p, {1});
    const Output<TestedBackend> da(backend(), p), db(backend(), p.size());
    backend().pair_bce_gradient(da.get(), db.get(), da.get(), B);
    const Values bound = bound_of(expected, tolerance::kBceGradient);
    EXPECT_TRUE(within(da.values(), expected, bound));
    Values opposite = db.values();
    for (double& value : opposite) value = -value;
    EXPECT_TRUE(same(opposite, da.values()));
  }
}

}  // namespace
}  // namespace gan
