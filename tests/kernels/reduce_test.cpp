#include <algorithm>
#include <limits>

#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Fill = BackendTest;
using Dot = BackendTest;
using Clip = BackendTest;
using SumParts = BackendTest;

template <class B>
Values dot(const B& backend, const Values& a, const Values& b, double factor) {
  const Output<B> y(backend, 1);
  const Input<B> device_a(backend, a), device_b(backend, b);
  backend.dot(y.get(), device_a.get(), device_b.get(), static_cast<typename B::Real>(factor),
              static_cast<int>(a.size()));
  return y.values();
}

TEST_F(Fill, SetsEveryValue) {
  for (const std::size_t n : kLengths) {
    const Output<TestedBackend> x(backend(), n);
    backend().fill(x.get(), 0.375f, n);
    EXPECT_TRUE(same(x.values(), Values(n, 0.375)));
  }
}

TEST_F(Clip, BringsEveryValueWithinTheBound) {
  for (const std::size_t n : kLengths) {
    const Values before = random_values(n, 1);
    Values expected = before;
    for (double& value : expected) value = std::clamp(value, -0.25, 0.25);
    const Output<TestedBackend> x(backend(), before);
    backend().clip(x.get(), 0.25f, n);
    EXPECT_TRUE(same(x.values(), expected));
  }
}

// A run that has diverged is found by its numbers.
TEST_F(Clip, HidesNoNan) {
  const Output<TestedBackend> x(backend(), Values{std::numeric_limits<double>::quiet_NaN(), 3});
  backend().clip(x.get(), 1, 2);
  EXPECT_TRUE(std::isnan(x.values()[0]));
  EXPECT_EQ(x.values()[1], 1);
}

TEST_F(Dot, IsTheSumOfTheProducts) {
  for (const std::size_t n : {0, 1, 31, 32, 33, 255, 256, 257, 513, 1000}) {
    SCOPED_TRACE(testing::Message() << n << " values");
    const Values a = random_values(n, 1), b = random_values(n, 2);
    EXPECT_TRUE(within(dot(backend(), a, b, 0.5), dot(reference, a, b, 0.5),
                       bound_of(dot(reference, magnitudes(a), magnitudes(b), 0.5),
                                tolerance::gemm(static_cast<int>(n)))));
  }
}

template <class B>
Values sum_parts(const B& backend, const Values& x, double factor, std::size_t n, int parts,
                 std::size_t stride) {
  const Output<B> y(backend, n);
  const Input<B> device_x(backend, x);
  backend.sum_parts(y.get(), device_x.get(), static_cast<typename B::Real>(factor), n, parts,
                    stride);
  return y.values();
}

TEST_F(SumParts, AddsTheArrays) {
  for (const std::size_t n : {0, 1, 31, 256, 257, 5000})
    for (const int parts : {0, 1, 2, 8})
      for (const std::size_t gap : {0, 3}) {
        SCOPED_TRACE(testing::Message() << parts << " parts of " << n << " and " << gap);
        const std::size_t stride = n + gap;
        const Values x = random_values(static_cast<std::size_t>(parts) * stride, 1);
        EXPECT_TRUE(within(sum_parts(backend(), x, 0.3, n, parts, stride),
                           sum_parts(reference, x, 0.3f, n, parts, stride),
                           bound_of(sum_parts(reference, magnitudes(x), 0.3f, n, parts, stride),
                                    tolerance::gemm(parts + 1))));
      }
}

}  // namespace
}  // namespace gan
