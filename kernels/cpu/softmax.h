// Softmax cross-entropy from logits, and its gradient.
#pragma once
#include <algorithm>
#include <cmath>

#include "kernels/cpu/ops.h"

namespace gan {

template <class T>
void CpuOps<T>::softmax_cross_entropy(T* loss, T* p, const T* z, const std::uint8_t* t, int B,
                                      int N) const {
  if (B == 0) return;
  T loss_sum = 0;
  for (int i = 0; i < B; ++i, z += N, p += N) {
    const T target = z[t[i]];  // read before p is written, which may be z
    const T most = *std::max_element(z, z + N);
    T sum = 0;
    for (int j = 0; j < N; ++j) sum += p[j] = std::exp(z[j] - most);
    for (int j = 0; j < N; ++j) p[j] /= sum;
    loss_sum += (most - target) + std::log(sum);
  }
  *loss = loss_sum / static_cast<T>(B);
}

template <class T>
void CpuOps<T>::softmax_cross_entropy_gradient(T* dz, const T* p, const std::uint8_t* t, int B,
                                               int N) const {
  for (int i = 0; i < B; ++i, dz += N, p += N)
    for (int j = 0; j < N; ++j) dz[j] = (p[j] - (j == t[i] ? T{1} : T{0})) / static_cast<T>(B);
}

}  // namespace gan
