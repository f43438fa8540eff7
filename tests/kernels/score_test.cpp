#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using ScoreTest = BackendTest;

// Around the 32 threads of a warp and the 256 of the one block that the CUDA kernel runs.
constexpr int kBatches[] = {1, 2, 31, 32, 33, 127, 255, 256, 257, 513, 1000};
// With targets that round nothing.
using Target = ScoreTarget<double>;
constexpr Target kTargets[] = {{Score::squared, 1}, {Score::squared, 0}, {Score::squared, 0.875},
                               {Score::hinge, 1},   {Score::hinge, -1},  {Score::hinge, 0.5},
                               {Score::linear, 1},  {Score::linear, -1}};

template <class B>
ScoreTarget<typename B::Real> rounded(Target against) {
  return {against.score, static_cast<typename B::Real>(against.target)};
}

struct Losses {
  Values loss, mean_z;
};

template <class B>
Losses score(const B& backend, const Values& z, Target against) {
  const Output<B> loss(backend, 1), mean_z(backend, 1);
  const Input<B> device_z(backend, z);
  backend.score(loss.get(), mean_z.get(), device_z.get(), rounded<B>(against),
                static_cast<int>(z.size()));
  return {loss.values(), mean_z.values()};
}

template <class B>
Values score_gradient(const B& backend, const Values& z, Target against) {
  const Output<B> dz(backend, z.size());
  const Input<B> device_z(backend, z);
  backend.score_gradient(dz.get(), device_z.get(), rounded<B>(against), static_cast<int>(z.size()));
  return dz.values();
}

// The mean of what the terms of the loss are sums of.
double mean_magnitude(const Values& z, Target against) {
  double sum = 0;
  for (const double x : z) {
    const double reach = std::abs(x) + std::abs(against.target);
    sum += against.score == Score::squared ? reach * reach / 2 : 1 + reach;
  }
  return sum / static_cast<double>(z.size());
}

std::string described(std::size_t n, Target against) {
  return std::to_string(n) + " logits, score " + std::to_string(static_cast<int>(against.score)) +
         ", target " + std::to_string(against.target);
}

TEST_F(ScoreTest, IsTheMeanOverTheBatch) {
  for (const int B : kBatches)
    for (const Target target : kTargets) {
      const Values z = random_values(static_cast<std::size_t>(B), 1, -4, 4);
      SCOPED_TRACE(described(z.size(), target));
      const Losses actual = score(backend(), z, target), expected = score(reference, z, target);
      EXPECT_TRUE(within(actual.loss, expected.loss,
                         {tolerance::score_loss(B) * mean_magnitude(z, target)}));
      EXPECT_TRUE(within(actual.mean_z, expected.mean_z,
                         {tolerance::score_mean(B) * mean_magnitude(z, {Score::linear, 0})}));
    }
}

TEST_F(ScoreTest, OfAnEmptyBatchIsLeftAlone) {
  const Output<TestedBackend> loss(backend(), Values{7}), mean_z(backend(), Values{8});
  const Output<TestedBackend> none(backend(), 0);
  backend().score(loss.get(), mean_z.get(), none.get(), {Score::squared, 1}, 0);
  backend().score_gradient(none.get(), none.get(), {Score::squared, 1}, 0);
  EXPECT_EQ(loss.values(), Values{7});
  EXPECT_EQ(mean_z.values(), Values{8});
}

TEST_F(ScoreTest, Gradient) {
  for (const int B : kBatches)
    for (const Target target : kTargets) {
      const Values z = random_values(static_cast<std::size_t>(B), 1, -4, 4);
      SCOPED_TRACE(described(z.size(), target));
      const Values dz = score_gradient(reference, z, target);
      EXPECT_TRUE(within(score_gradient(backend(), z, target), dz,
                         bound_of(dz, tolerance::kScoreGradient)));
    }
}

TEST_F(ScoreTest, GradientMayReplaceTheLogits) {
  const Values z = random_values(300, 1, -2, 2);
  const Output<TestedBackend> dz(backend(), z);
  backend().score_gradient(dz.get(), dz.get(), {Score::hinge, 1}, 300);
  EXPECT_TRUE(same(dz.values(), score_gradient(backend(), z, {Score::hinge, 1})));
}

// Beyond the margin and at its very edge nothing is lost, and nothing learned.
TEST_F(ScoreTest, HingeEndsAtItsMargin) {
  for (const double t : {1.0, -1.0}) {
    const Values z = {t * 0.5, t, t * 1.5};
    EXPECT_EQ(score(backend(), {z[1], z[2]}, {Score::hinge, t}).loss, Values{0});
    const Values dz = score_gradient(backend(), z, {Score::hinge, t});
    EXPECT_EQ(dz, (Values{static_cast<float>(-t / 3), 0, 0}));
  }
}

TEST_F(ScoreTest, NamesADivergedLogit) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Target target : kTargets)
    EXPECT_TRUE(std::isnan(score(backend(), {1, nan}, target).loss[0]));
}

}  // namespace
}  // namespace gan
