// What the penalties on D's slopes need besides its passes.
#pragma once
#include <cmath>

#include "kernels/cpu/parallel.h"
#include "kernels/cpu/random.h"
#include "kernels/cpu/vector.h"

namespace gan {

template <class T>
GAN_VECTORISED void interpolate_row(T* x, const T* a, const T* b, std::size_t N, T share) {
  for (std::size_t i = 0; i < N; ++i) x[i] = share * a[i] + (1 - share) * b[i];
}

template <class T>
void CpuOps<T>::interpolate(T* x, const T* a, const T* b, int B, int N, RandomSource source,
                            const Clock* clock) const {
  const auto width = static_cast<std::size_t>(N);
  for_rows(static_cast<std::size_t>(B), width, [=](std::size_t r, std::size_t end) {
    for (; r < end; ++r) {
      const auto share = static_cast<T>(unit_uniform(philox(source, clock->step, r / 4)[r % 4]));
      interpolate_row(x + r * width, a + r * width, b + r * width, width, share);
    }
  });
}

template <class T>
void CpuOps<T>::penalty_scale(T* s, double weight, std::size_t n, const Clock* clock) const {
  fill(s, static_cast<T>(std::sqrt(weight * clock->penalty)), n);
}

template <class T>
void CpuOps<T>::penalise_norms(T* dx, T* e, double weight, int B, int N, const Clock* clock) const {
  const auto width = static_cast<std::size_t>(N);
  const T now = static_cast<T>(weight * clock->penalty);
  for_rows(static_cast<std::size_t>(B), width, [=](std::size_t r, std::size_t end) {
    for (; r < end; ++r) {
      T* const row = dx + r * width;
      T squares = 0;
      for (std::size_t i = 0; i < width; ++i) squares += row[i] * row[i];
      const T norm = std::sqrt(squares);
      e[r] = std::sqrt(now) * (norm - 1);
      const T factor = norm > 0 ? 2 * now * (1 - 1 / norm) : T{0};
      for (std::size_t i = 0; i < width; ++i) row[i] *= factor;
    }
  });
}

}  // namespace gan
