#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Interpolate = BackendTest;
using PenaltyScale = BackendTest;
using PenaliseNorms = BackendTest;

constexpr RandomSource kSource{5, RandomStream::interpolation};

// Rows and widths around a Philox block's four words and a block's 256 threads.
constexpr int kRows[] = {0, 1, 3, 4, 5, 9};
constexpr int kWidths[] = {1, 31, 256, 257, 785};

std::size_t area(int B, int N) {
  return static_cast<std::size_t>(B) * static_cast<std::size_t>(N);
}

template <class B>
Values interpolate(const B& backend, const Values& a, const Values& b, int rows, int width,
                   std::uint64_t step) {
  const Output<B> x(backend, a.size());
  const Input<B> device_a(backend, a), device_b(backend, b);
  const Input<B, Clock> clock(backend, std::vector<Clock>{{step, 0, 0}});
  backend.interpolate(x.get(), device_a.get(), device_b.get(), rows, width, kSource, clock.get());
  return x.values();
}

TEST_F(Interpolate, IsTheReference) {
  for (const int rows : kRows)
    for (const int width : kWidths) {
      SCOPED_TRACE(testing::Message() << rows << "×" << width);
      const Values a = random_values(area(rows, width), 1), b = random_values(a.size(), 2);
      Values bound(a.size());
      for (std::size_t i = 0; i < a.size(); ++i)
        bound[i] = tolerance::kInterpolate * (std::abs(a[i]) + std::abs(b[i]));
      EXPECT_TRUE(within(interpolate(backend(), a, b, rows, width, 7),
                         interpolate(reference, a, b, rows, width, 7), bound));
    }
}

// A row has one share, and every row and every step its own; over many rows they are uniform.
TEST_F(Interpolate, DrawsAShareForEachRow) {
  constexpr int kCount = 4000;
  const Values ones(2 * kCount, 1), zeros(2 * kCount, 0);
  const Values shares = interpolate(backend(), ones, zeros, kCount, 2, 3);
  double sum = 0, squares = 0;
  for (std::size_t r = 0; r < kCount; ++r) {
    EXPECT_EQ(shares[2 * r], shares[2 * r + 1]);
    if (r > 0) {
      EXPECT_NE(shares[2 * r], shares[2 * r - 2]);
    }
    sum += shares[2 * r];
    squares += shares[2 * r] * shares[2 * r];
  }
  // Five standard errors: 1/√12, and √(1/5 - 1/9) of the squares.
  EXPECT_NEAR(sum / kCount, 0.5, 5 * 0.289 / std::sqrt(kCount));
  EXPECT_NEAR(squares / kCount, 1.0 / 3, 5 * 0.299 / std::sqrt(kCount));
  EXPECT_FALSE(same(interpolate(backend(), ones, zeros, kCount, 2, 4), shares));
}

TEST_F(PenaltyScale, IsTheRootOfTheWeightLeft) {
  for (const std::size_t n : {0, 1, 255, 256, 257}) {
    const Output<TestedBackend> s(backend(), n);
    const Input<TestedBackend, Clock> clock(backend(), std::vector<Clock>{{1, 0, 0, 0, 0, 0.25}});
    backend().penalty_scale(s.get(), 9, n, clock.get());
    EXPECT_TRUE(same(s.values(), Values(n, 1.5)));
  }
}

struct Penalised {
  Values dx, e;
};

template <class B>
Penalised penalise(const B& backend, const Values& dx, int rows, int width, double weight,
                   double left = 1) {
  const Output<B> out(backend, dx), e(backend, static_cast<std::size_t>(rows));
  const Input<B, Clock> clock(backend, std::vector<Clock>{{1, 0, 0, 0, 0, left}});
  backend.penalise_norms(out.get(), e.get(), weight, rows, width, clock.get());
  return {out.values(), e.values()};
}

TEST_F(PenaliseNorms, IsTheReference) {
  for (const int rows : kRows)
    for (const int width : kWidths) {
      SCOPED_TRACE(testing::Message() << rows << "×" << width);
      // Norms from about ½ to 2.
      const double size = 2 * std::sqrt(3.0 / width);
      const Values dx = random_values(area(rows, width), 1, -size, size);
      const Penalised actual = penalise(backend(), dx, rows, width, 0.75, 0.5);
      const Penalised expected = penalise(reference, dx, rows, width, 0.75, 0.5);
      Values e_bound(expected.e.size()), dx_bound(dx.size());
      for (std::size_t r = 0; r < expected.e.size(); ++r) {
        const double root = std::sqrt(0.375), norm = expected.e[r] / root + 1;
        e_bound[r] = root * (norm + 1) * tolerance::norm(width);
        for (std::size_t i = 0; i < static_cast<std::size_t>(width); ++i) {
          const std::size_t at = r * static_cast<std::size_t>(width) + i;
          dx_bound[at] = 0.75 * (1 + 1 / norm) * tolerance::norm(width) * std::abs(dx[at]);
        }
      }
      EXPECT_TRUE(within(actual.e, expected.e, e_bound));
      EXPECT_TRUE(within(actual.dx, expected.dx, dx_bound));
    }
}

// (3, 4) has norm 5, (0.3, 0.4) a norm below 1, whose factor is negative; 0 has no direction.
TEST_F(PenaliseNorms, ByHand) {
  const auto [dx, e] = penalise(backend(), {3, 4, 0.375, 0.5, 0, 0}, 3, 2, 4);
  EXPECT_TRUE(within(e, {8, -0.75, -2}, Values(3, 1e-6)));
  EXPECT_TRUE(within(dx, {3 * 6.4, 4 * 6.4, -0.375 * 4.8, -0.5 * 4.8, 0, 0}, Values(6, 1e-5)));
}

}  // namespace
}  // namespace gan
