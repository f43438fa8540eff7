// Gradient descent with momentum over n parameters.
#pragma once
#include "kernels/cpu/ema.h"
#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector.h"

namespace gan {

template <class T>
GAN_VECTORISED void sgd_values(T* w, T* v, const T* g, std::size_t n, T rate, T momentum) {
  for (std::size_t i = 0; i < n; ++i) {
    v[i] = momentum * v[i] - rate * g[i];
    w[i] += v[i];
  }
}

template <class T>
void CpuOps<T>::sgd(T* w, T* v, const T* g, std::size_t n, double rate, const Clock* clock,
                    T* average) const {
  for_values(n, [=](std::size_t i, std::size_t end) {
    sgd_values(w + i, v + i, g + i, end - i, static_cast<T>(rate * clock->rate),
               static_cast<T>(clock->momentum));
    if (average) ema_values(average + i, w + i, end - i, static_cast<T>(clock->ema));
  });
}

}  // namespace gan
