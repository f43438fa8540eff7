// Binary cross-entropy of single logits and of pairs, and its gradients.
#pragma once
#include <algorithm>
#include <cmath>

#include "kernels/cpu/activations.h"

namespace gan {

template <class T>
void CpuOps<T>::bce(T* loss, T* mean_p, T* p, const T* z, BceTarget<T> against, int B) const {
  if (B == 0) return;
  T loss_sum = 0, p_sum = 0;
  for (int i = 0; i < B; ++i) {
    p[i] = sigmoid_of(z[i]);
    loss_sum +=
        std::max(z[i], T{0}) - z[i] * against.target + std::log1p(std::exp(-std::abs(z[i])));
    p_sum += p[i];
  }
  *loss = against.weight * loss_sum / static_cast<T>(B);
  *mean_p = p_sum / static_cast<T>(B);
}

template <class T>
void CpuOps<T>::bce_gradient(T* dz, const T* p, BceTarget<T> against, int B) const {
  for (int i = 0; i < B; ++i) dz[i] = against.weight * (p[i] - against.target) / static_cast<T>(B);
}

template <class T>
void CpuOps<T>::pair_bce(T* loss, T* mean_p, T* p, const T* a, const T* b, int B) const {
  if (B == 0) return;
  T loss_sum = 0, p_sum = 0;
  for (int i = 0; i < B; ++i) {
    const T margin = a[i] - b[i];
    p[i] = sigmoid_of(margin);
    loss_sum += std::max(-margin, T{0}) + std::log1p(std::exp(-std::abs(margin)));
    p_sum += p[i];
  }
  *loss = loss_sum / static_cast<T>(B);
  *mean_p = p_sum / static_cast<T>(B);
}

template <class T>
void CpuOps<T>::pair_bce_gradient(T* da, T* db, const T* p, int B) const {
  for (int i = 0; i < B; ++i) {
    const T slope = (p[i] - 1) / static_cast<T>(B);
    da[i] = slope;
    db[i] = -slope;
  }
}

}  // namespace gan
