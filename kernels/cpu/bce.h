// Binary cross-entropy from logits, and its gradient.
#pragma once
#include <algorithm>
#include <cmath>

#include "kernels/cpu/activations.h"

namespace gan {

template <class T>
void CpuOps<T>::bce(T* loss, T* mean_p, T* p, const T* z, T target, int B) const {
  if (B == 0) return;
  T loss_sum = 0, p_sum = 0;
  for (int i = 0; i < B; ++i) {
    p[i] = sigmoid_of(z[i]);
    loss_sum += std::max(z[i], T{0}) - z[i] * target + std::log1p(std::exp(-std::abs(z[i])));
    p_sum += p[i];
  }
  *loss = loss_sum / static_cast<T>(B);
  *mean_p = p_sum / static_cast<T>(B);
}

template <class T>
void CpuOps<T>::bce_gradient(T* dz, const T* p, T target, int B) const {
  for (int i = 0; i < B; ++i) dz[i] = (p[i] - target) / static_cast<T>(B);
}

}  // namespace gan
