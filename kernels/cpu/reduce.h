// Constant arrays, clipping and dot products.
#pragma once
#include <algorithm>

#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"

namespace gan {

template <class T>
void CpuOps<T>::fill(T* x, T value, std::size_t n) const {
  std::fill_n(x, n, value);
}

template <class T>
void CpuOps<T>::clip(T* x, T bound, std::size_t n) const {
  for_values(n, [=](std::size_t i, std::size_t end) {
    for (; i < end; ++i) x[i] = std::clamp(x[i], -bound, bound);
  });
}

template <class T>
void CpuOps<T>::dot(T* y, const T* a, const T* b, T factor, int B) const {
  T sum = 0;
  for (int i = 0; i < B; ++i) sum += a[i] * b[i];
  *y = factor * sum;
}

}  // namespace gan
