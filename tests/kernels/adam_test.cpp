#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Adam = BackendTest;

struct State {
  Values w, m, v;
};

constexpr AdamSettings kSettings{.rate = 3e-4, .beta1 = 0.8, .beta2 = 0.99, .epsilon = 1e-5};

// With rates that have fallen a part of their way.
Clock clock_of(std::uint64_t step, AdamSettings settings) {
  Clock clock = clock_at(step, {settings.beta1, settings.beta2});
  clock.rate *= 0.75;
  clock.ema = 0.875;
  return clock;
}

template <class B>
State adam(const B& backend, const State& before, const Values& g, std::uint64_t step,
           AdamSettings settings = kSettings) {
  const Output<B> w(backend, before.w), m(backend, before.m), v(backend, before.v);
  const Input<B> device_g(backend, g);
  const std::vector<Clock> now = {clock_of(step, settings)};
  const Input<B, Clock> clock(backend, now);
  backend.adam(w.get(), m.get(), v.get(), device_g.get(), g.size(), settings, clock.get());
  return {w.values(), m.values(), v.values()};
}

// The bounds of the new weights and of the first moment (tolerances.h).
State bounds(const State& before, const State& after, const Values& g, std::uint64_t step) {
  State bound{after.w, after.m, bound_of(after.v, tolerance::kAdamMoment2)};
  const Clock clock = clock_of(step, kSettings);
  for (std::size_t i = 0; i < g.size(); ++i) {
    bound.m[i] = tolerance::kAdamMoment1 *
                 (kSettings.beta1 * std::abs(before.m[i]) + (1 - kSettings.beta1) * std::abs(g[i]));
    const double step_per_m =
        clock.rate * kSettings.rate / (std::sqrt(after.v[i]) * clock.scale + kSettings.epsilon);
    bound.w[i] = tolerance::kAdamWeight * std::abs(after.w[i]) +
                 tolerance::kAdamStep * step_per_m * std::abs(after.m[i]) + step_per_m * bound.m[i];
  }
  return bound;
}

TEST_F(Adam, MovesEveryParameter) {
  for (const std::uint64_t step : {std::uint64_t{0}, std::uint64_t{9}, std::uint64_t{1} << 33})
    for (const std::size_t n : kLengths) {
      SCOPED_TRACE(testing::Message() << n << " parameters, step " << step);
      const State before{random_values(n, 1), random_values(n, 2), random_values(n, 3, 0, 2)};
      const Values g = random_values(n, 4);
      const State expected = adam(reference, before, g, step);
      const State actual = adam(backend(), before, g, step);
      const State bound = bounds(before, expected, g, step);
      EXPECT_TRUE(within(actual.w, expected.w, bound.w));
      EXPECT_TRUE(within(actual.m, expected.m, bound.m));
      EXPECT_TRUE(within(actual.v, expected.v, bound.v));
    }
}

TEST_F(Adam, LeavesTheGapsOfAnArenaAtZero) {
  const Values zeros(100, 0);
  const State after = adam(backend(), {zeros, zeros, zeros}, zeros, 0);
  EXPECT_TRUE(same(after.w, zeros) && same(after.m, zeros) && same(after.v, zeros));
}

// To the bit the average that an operation of its own makes of the new weights.
TEST_F(Adam, MovesTheAverageOfTheNewWeights) {
  for (const std::size_t n : kLengths) {
    const Values before = random_values(n, 5), zeros(n, 0);
    const Input<TestedBackend> g(backend(), random_values(n, 4));
    const Output<TestedBackend> w(backend(), random_values(n, 1)), m(backend(), zeros),
        v(backend(), zeros), together(backend(), before), alone(backend(), before);
    const std::vector<Clock> now = {clock_of(3, kSettings)};
    const Input<TestedBackend, Clock> clock(backend(), now);
    backend().adam(w.get(), m.get(), v.get(), g.get(), n, kSettings, clock.get(), together.get());
    backend().ema(alone.get(), w.get(), n, clock.get());
    EXPECT_TRUE(same(together.values(), alone.values())) << n;
    EXPECT_EQ(same(together.values(), before), n == 0) << n;
  }
}

TEST_F(Adam, AtRateZeroMovesTheMomentsAlone) {
  AdamSettings still = kSettings;
  still.rate = 0;
  const State before{random_values(50, 1), Values(50, 0), Values(50, 0)};
  const State after = adam(backend(), before, random_values(50, 2), 0, still);
  EXPECT_TRUE(same(after.w, before.w));
  EXPECT_FALSE(same(after.m, before.m));
}

}  // namespace
}  // namespace gan
