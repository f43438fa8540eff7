#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Sgd = BackendTest;

struct State {
  Values w, v;
};

constexpr double kRate = 0.25;
constexpr Clock kClock{3, 0.75, 0, 0.875, 0.625};

template <class B>
State sgd(const B& backend, const State& before, const Values& g, double rate = kRate) {
  const Output<B> w(backend, before.w), v(backend, before.v);
  const Input<B> device_g(backend, g);
  const Input<B, Clock> clock(backend, std::vector<Clock>{kClock});
  backend.sgd(w.get(), v.get(), device_g.get(), g.size(), rate, clock.get());
  return {w.values(), v.values()};
}

TEST_F(Sgd, MovesEveryParameter) {
  for (const std::size_t n : kLengths) {
    SCOPED_TRACE(testing::Message() << n << " parameters");
    const State before{random_values(n, 1), random_values(n, 2)};
    const Values g = random_values(n, 3);
    const State expected = sgd(reference, before, g), actual = sgd(backend(), before, g);
    State bound{Values(n), Values(n)};
    for (std::size_t i = 0; i < n; ++i) {
      bound.v[i] = tolerance::kSgdVelocity *
                   (kClock.momentum * std::abs(before.v[i]) + kRate * kClock.rate * std::abs(g[i]));
      bound.w[i] = bound.v[i] + tolerance::kSgdWeight * std::abs(expected.w[i]);
    }
    EXPECT_TRUE(within(actual.v, expected.v, bound.v));
    EXPECT_TRUE(within(actual.w, expected.w, bound.w));
  }
}

// v = 5/8·2 - 3/16·4 = 1/2, w = 1 + 1/2.
TEST_F(Sgd, ByHand) {
  const State after = sgd(backend(), {{1}, {2}}, {4});
  EXPECT_EQ(after.v, Values{0.5});
  EXPECT_EQ(after.w, Values{1.5});
}

TEST_F(Sgd, LeavesTheGapsOfAnArenaAtZero) {
  const Values zeros(100, 0);
  const State after = sgd(backend(), {zeros, zeros}, zeros);
  EXPECT_TRUE(same(after.w, zeros) && same(after.v, zeros));
}

// To the bit the average that an operation of its own makes of the new weights.
TEST_F(Sgd, MovesTheAverageOfTheNewWeights) {
  for (const std::size_t n : kLengths) {
    const Values before = random_values(n, 5);
    const Input<TestedBackend> g(backend(), random_values(n, 4));
    const Output<TestedBackend> w(backend(), random_values(n, 1)), v(backend(), Values(n, 0)),
        together(backend(), before), alone(backend(), before);
    const Input<TestedBackend, Clock> clock(backend(), std::vector<Clock>{kClock});
    backend().sgd(w.get(), v.get(), g.get(), n, kRate, clock.get(), together.get());
    backend().ema(alone.get(), w.get(), n, clock.get());
    EXPECT_TRUE(same(together.values(), alone.values())) << n;
    EXPECT_EQ(same(together.values(), before), n == 0) << n;
  }
}

}  // namespace
}  // namespace gan
