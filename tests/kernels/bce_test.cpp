#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Bce = BackendTest;

// Around the 32 threads of a warp and the 256 of the one block that the CUDA kernel runs.
constexpr int kBatches[] = {1, 2, 31, 32, 33, 127, 255, 256, 257, 513, 1000};
constexpr double kTargets[] = {0, 1, 0.875};

struct Losses {
  Values loss, mean_p, p;
};

template <class B>
Losses bce(const B& backend, const Values& z, double target) {
  const Output<B> loss(backend, 1), mean_p(backend, 1), p(backend, z.size());
  const Input<B> device_z(backend, z);
  backend.bce(loss.get(), mean_p.get(), p.get(), device_z.get(),
              static_cast<typename B::Real>(target), static_cast<int>(z.size()));
  return {loss.values(), mean_p.values(), p.values()};
}

template <class B>
Values bce_gradient(const B& backend, const Values& p, double target) {
  const Output<B> dz(backend, p.size());
  const Input<B> device_p(backend, p);
  backend.bce_gradient(dz.get(), device_p.get(), static_cast<typename B::Real>(target),
                       static_cast<int>(p.size()));
  return dz.values();
}

double mean_magnitude(const Values& z, double target) {
  double sum = 0;
  for (const double x : z)
    sum += std::max(x, 0.0) + std::abs(x * target) + std::log1p(std::exp(-std::abs(x)));
  return sum / static_cast<double>(z.size());
}

void expect_right(const TestedBackend& backend, const Values& z, double target) {
  SCOPED_TRACE(testing::Message() << z.size() << " logits, target " << target);
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
    for (const double target : kTargets)
      expect_right(backend(), random_values(static_cast<std::size_t>(B), 1, -6, 6), target);
}

TEST_F(Bce, StaysFiniteFarOut) {
  for (const double z : {0.0, 17.0, -17.0, 100.0, -100.0, 1e4, -1e4})
    for (const double target : kTargets) expect_right(backend(), {z}, target);
}

TEST_F(Bce, OfAnEmptyBatchIsLeftAlone) {
  const Output<TestedBackend> loss(backend(), Values{7}), mean_p(backend(), Values{8});
  const Output<TestedBackend> p(backend(), 0);
  backend().bce(loss.get(), mean_p.get(), p.get(), p.get(), 1, 0);
  EXPECT_EQ(loss.values(), Values{7});
  EXPECT_EQ(mean_p.values(), Values{8});
  p.read();
}

TEST_F(Bce, Gradient) {
  for (const int B : kBatches)
    for (const double target : kTargets) {
      SCOPED_TRACE(testing::Message() << B << " probabilities, target " << target);
      const Values p = random_values(static_cast<std::size_t>(B), 1, 0, 1);
      const Values dz = bce_gradient(reference, p, target);
      EXPECT_TRUE(
          within(bce_gradient(backend(), p, target), dz, bound_of(dz, tolerance::kBceGradient)));
    }
  bce_gradient(backend(), {}, 1);
}

TEST_F(Bce, GradientMayReplaceTheProbabilities) {
  const Values p = random_values(300, 1, 0, 1);
  const Output<TestedBackend> dz(backend(), p);
  backend().bce_gradient(dz.get(), dz.get(), 1, 300);
  EXPECT_TRUE(same(dz.values(), bce_gradient(backend(), p, 1)));
}

}  // namespace
}  // namespace gan
