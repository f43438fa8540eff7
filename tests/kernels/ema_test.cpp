#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Ema = BackendTest;

template <class B>
Values ema(const B& backend, const Values& a, const Values& w, float decay) {
  const Output<B> average(backend, a);
  const Input<B> device_w(backend, w);
  Clock now{};
  now.ema = static_cast<double>(decay);
  const Output<B, Clock> clock(backend, std::vector<Clock>{now});
  backend.ema(average.get(), device_w.get(), w.size(), clock.get());
  return average.values();
}

TEST_F(Ema, MovesTowardsTheWeights) {
  for (const float decay : {0.999f, 0.5f, 0.0f})
    for (const std::size_t n : kLengths) {
      SCOPED_TRACE(testing::Message() << n << " values, decay " << decay);
      const Values a = random_values(n, 1), w = random_values(n, 2);
      const Values expected = ema(reference, a, w, decay);
      Values bound = bound_of(expected, tolerance::kEmaResult);
      for (std::size_t i = 0; i < n; ++i)
        bound[i] +=
            tolerance::kEmaMove * std::abs((1 - static_cast<double>(decay)) * (w[i] - a[i]));
      EXPECT_TRUE(within(ema(backend(), a, w, decay), expected, bound));
    }
}

}  // namespace
}  // namespace gan
