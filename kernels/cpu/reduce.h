// Constant arrays, clipping, dot products and sums of arrays.
#pragma once
#include <algorithm>

#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector.h"

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

template <class T>
GAN_VECTORISED void add_parts(T* y, const T* x, T factor, std::size_t n, int parts,
                              std::size_t stride) {
  std::fill_n(y, n, T{0});
  for (int p = 0; p < parts; ++p, x += stride)
    for (std::size_t i = 0; i < n; ++i) y[i] += x[i];
  for (std::size_t i = 0; i < n; ++i) y[i] *= factor;
}
template <class T>
void CpuOps<T>::sum_parts(T* y, const T* x, T factor, std::size_t n, int parts,
                          std::size_t stride) const {
  for_values(n, [=](std::size_t i, std::size_t end) {
    add_parts(y + i, x + i, factor, end - i, parts, stride);
  });
}

}  // namespace gan
