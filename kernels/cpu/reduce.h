// Constant arrays and dot products.
#pragma once
#include <algorithm>

#include "kernels/cpu/ops.h"

namespace gan {

template <class T>
void CpuOps<T>::fill(T* x, T value, std::size_t n) const {
  std::fill_n(x, n, value);
}

template <class T>
void CpuOps<T>::dot(T* y, const T* a, const T* b, T factor, int B) const {
  T sum = 0;
  for (int i = 0; i < B; ++i) sum += a[i] * b[i];
  *y = factor * sum;
}

}  // namespace gan
