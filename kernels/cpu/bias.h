// Adding a bias to every row, and its gradient: a sum over the rows.
#pragma once
#include <algorithm>

#include "kernels/cpu/ops.h"
#include "kernels/cpu/vector.h"

namespace gan {

template <class T>
GAN_VECTORISED void CpuOps<T>::bias_add(T* y, const T* b, int B, int N) const {
  for (int i = 0; i < B; ++i, y += N)
    for (int j = 0; j < N; ++j) y[j] += b[j];
}

template <class T>
GAN_VECTORISED void CpuOps<T>::bias_gradient(T* db, const T* dy, int B, int N) const {
  std::fill_n(db, N, T{0});
  for (int i = 0; i < B; ++i, dy += N)
    for (int j = 0; j < N; ++j) db[j] += dy[j];
}

}  // namespace gan
