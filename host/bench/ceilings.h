// What no program on a device can get past, as far as its own operations show.
#pragma once
#include <algorithm>

#include "host/model/backend.h"
#include "host/run/run_spec.h"

namespace gan::bench {

struct Ceilings {
  double flops_per_s;  // of a large matrix product in the run's precision
  double bytes_per_s;  // read and written by a copy that the caches hold
};

// Measures them, on the device of `spec`, which is resolved.
Ceilings measure_ceilings(const run::RunSpec& spec);
// The same on a GPU.
Ceilings measure_cuda_ceilings(const run::RunSpec& spec);

// Floating-point operations a second in the product of two matrices of random numbers, for zeros
// are multiplied faster; doubled in size until it takes long enough to be timed.
template <model::Backend B>
double product_ceiling(const B& backend) {
  constexpr double kLongEnough = 5e-3;  // seconds
  constexpr int kLargest = 8192, kTimes = 5;
  for (int n = 512;; n *= 2) {
    const std::size_t values = static_cast<std::size_t>(n) * static_cast<std::size_t>(n);
    const auto a = backend.template allocate<float>(values),
               b = backend.template allocate<float>(values);
    for (const auto* const each : {&a, &b}) backend.uniform(each->get(), values, 1, {}, 0);
    const auto c = backend.template allocate<float>(values);
    const auto multiply = [&] {
      backend.gemm(c.get(), Transpose::no, a.get(), Transpose::no, b.get(), n, n, n);
    };
    double seconds = backend.seconds(multiply);
    for (int i = 1; i < kTimes; ++i) seconds = std::min(seconds, backend.seconds(multiply));
    if (seconds >= kLongEnough || n == kLargest)
      return 2.0 * static_cast<double>(values) * n / seconds;
  }
}

// Bytes a second, read and written, in copies of 64 KB to 16 MB: the best of them.
template <model::Backend B>
double copy_ceiling(const B& backend) {
  constexpr std::size_t kSmallest = 1 << 14, kLargest = 1 << 22;  // values
  const auto x = model::zeroed<B, float>(backend, kLargest),
             y = model::zeroed<B, float>(backend, kLargest);
  double best = 0;
  for (std::size_t n = kSmallest; n <= kLargest; n *= 4) {
    const std::size_t times = 4 * kLargest / n;
    const auto copy = [&] {
      for (std::size_t i = 0; i < times; ++i)
        backend.relu_gradient(y.get(), x.get(), x.get(), n, 0);
    };
    backend.seconds(copy);
    const double bytes = static_cast<double>(2 * sizeof(float) * n * times);
    best = std::max(best, bytes / backend.seconds(copy));
  }
  return best;
}

template <model::Backend B>
Ceilings measure_ceilings(const B& backend) {
  return {product_ceiling(backend), copy_ceiling(backend)};
}

}  // namespace gan::bench
