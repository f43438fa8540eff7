#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Softmax = BackendTest;
using Classes = std::vector<std::uint8_t>;

constexpr int kBatches[] = {1, 2, 33, 600};
constexpr int kClassCounts[] = {1, 2, 10, 37};

Classes some_classes(int B, int N) {
  Classes t;
  for (int i = 0; i < B; ++i) t.push_back(static_cast<std::uint8_t>(i * 7 % N));
  return t;
}

struct Result {
  Values loss, p;
};

template <class B>
Result softmax(const B& backend, const Values& z, const Classes& t, int N) {
  const Output<B> loss(backend, 1), p(backend, z.size());
  const Input<B> device_z(backend, z);
  const Input<B, std::uint8_t> device_t(backend, t);
  backend.softmax_cross_entropy(loss.get(), p.get(), device_z.get(), device_t.get(),
                                static_cast<int>(t.size()), N);
  return {loss.values(), p.values()};
}

template <class B>
Values gradient(const B& backend, const Values& p, const Classes& t, int N) {
  const Output<B> dz(backend, p.size());
  const Input<B> device_p(backend, p);
  const Input<B, std::uint8_t> device_t(backend, t);
  backend.softmax_cross_entropy_gradient(dz.get(), device_p.get(), device_t.get(),
                                         static_cast<int>(t.size()), N);
  return dz.values();
}

// The mean of maxⱼ zᵢⱼ - zᵢₜ + ln sᵢ + 1, to which the loss's error is relative (tolerances.h).
double mean_magnitude(const Values& z, const Classes& t, int N) {
  double sum = 0;
  for (std::size_t i = 0; i < t.size(); ++i) {
    const double* const row = z.data() + i * static_cast<std::size_t>(N);
    const double most = *std::max_element(row, row + N);
    double s = 0;
    for (int j = 0; j < N; ++j) s += std::exp(row[j] - most);
    sum += most - row[t[i]] + std::log(s) + 1;
  }
  return sum / static_cast<double>(t.size());
}

void expect_right(const TestedBackend& backend, const Values& z, const Classes& t, int N) {
  SCOPED_TRACE(testing::Message() << t.size() << " rows of " << N << " classes");
  const Result actual = softmax(backend, z, t, N), expected = softmax(reference, z, t, N);
  EXPECT_TRUE(within(actual.p, expected.p,
                     bound_of(expected.p, tolerance::softmax(N), tolerance::kSoftmaxAbsolute)));
  EXPECT_TRUE(
      within(actual.loss, expected.loss,
             {tolerance::softmax_loss(static_cast<int>(t.size()), N) * mean_magnitude(z, t, N)}));
}

TEST_F(Softmax, IsTheMeanOverTheBatch) {
  for (const int B : kBatches)
    for (const int N : kClassCounts)
      expect_right(backend(), random_values(static_cast<std::size_t>(B * N), 1, -6, 6),
                   some_classes(B, N), N);
}

TEST_F(Softmax, StaysFiniteFarOut) {
  for (const double far : {0.0, 80.0, -80.0, 1e4, -1e4, 0x1p100})
    for (const std::uint8_t target : {0, 1}) expect_right(backend(), {far, 0}, {target}, 2);
}

TEST_F(Softmax, MayReplaceTheLogits) {
  const Values z = random_values(300 * 10, 1, -6, 6);
  const Classes t = some_classes(300, 10);
  const Output<TestedBackend> loss(backend(), 1), p(backend(), z);
  const Input<TestedBackend, std::uint8_t> device_t(backend(), t);
  backend().softmax_cross_entropy(loss.get(), p.get(), p.get(), device_t.get(), 300, 10);
  const Result apart = softmax(backend(), z, t, 10);
  EXPECT_TRUE(same(p.values(), apart.p));
  EXPECT_TRUE(same(loss.values(), apart.loss));
}

TEST_F(Softmax, OfAnEmptyBatchIsLeftAlone) {
  const Output<TestedBackend> loss(backend(), Values{7}), p(backend(), 0);
  const Input<TestedBackend> z(backend(), Values{});
  const Input<TestedBackend, std::uint8_t> t(backend(), Classes{});
  backend().softmax_cross_entropy(loss.get(), p.get(), z.get(), t.get(), 0, 10);
  EXPECT_TRUE(same(loss.values(), {7}));
  gradient(backend(), {}, {}, 10);
}

TEST_F(Softmax, Gradient) {
  for (const int B : kBatches)
    for (const int N : kClassCounts) {
      SCOPED_TRACE(testing::Message() << B << " rows of " << N << " classes");
      const Values p = random_values(static_cast<std::size_t>(B * N), 1, 0, 1);
      const Classes t = some_classes(B, N);
      const Values dz = gradient(reference, p, t, N);
      EXPECT_TRUE(
          within(gradient(backend(), p, t, N), dz, bound_of(dz, tolerance::kSoftmaxGradient)));
    }
}

TEST_F(Softmax, GradientMayReplaceTheProbabilities) {
  const Values p = random_values(300 * 10, 1, 0, 1);
  const Classes t = some_classes(300, 10);
  const Output<TestedBackend> dz(backend(), p);
  const Input<TestedBackend, std::uint8_t> device_t(backend(), t);
  backend().softmax_cross_entropy_gradient(dz.get(), dz.get(), device_t.get(), 300, 10);
  EXPECT_TRUE(same(dz.values(), gradient(backend(), p, t, 10)));
}

// Equal logits share; at z = (ln 3, 0) the first has 3/4, and the losses are ln 4/3 and ln 4.
TEST(ReferenceSoftmax, KnownValues) {
  const Result equal = softmax(reference, {5, 5, 5, 5}, {2}, 4);
  EXPECT_TRUE(within(equal.p, Values(4, 0.25), Values(4, 1e-15)));
  EXPECT_NEAR(equal.loss[0], std::log(4), 1e-15);
  const Result quarters = softmax(reference, {std::log(3), 0, std::log(3), 0}, {0, 1}, 2);
  EXPECT_TRUE(within(quarters.p, {0.75, 0.25, 0.75, 0.25}, Values(4, 1e-15)));
  EXPECT_NEAR(quarters.loss[0], (std::log(4.0 / 3) + std::log(4.0)) / 2, 1e-15);
  EXPECT_TRUE(within(gradient(reference, quarters.p, {0, 1}, 2), {-0.125, 0.125, 0.375, -0.375},
                     Values(4, 1e-15)));
}

}  // namespace
}  // namespace gan
