// Adam over n parameters.
#pragma once
#include <cmath>

#include "kernels/cpu/ema.h"
#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector.h"

namespace gan {

template <class T>
GAN_VECTORISED void adam_values(T* w, T* m, T* v, const T* g, std::size_t n,
                                const AdamSettings& settings, const Clock* clock) {
  const T beta1 = static_cast<T>(settings.beta1), rest1 = static_cast<T>(1 - settings.beta1);
  const T beta2 = static_cast<T>(settings.beta2), rest2 = static_cast<T>(1 - settings.beta2);
  const T rate = static_cast<T>(settings.rate * clock->rate);
  const T scale = static_cast<T>(clock->scale);
  const T epsilon = static_cast<T>(settings.epsilon);
  for (std::size_t i = 0; i < n; ++i) {
    m[i] = beta1 * m[i] + rest1 * g[i];
    v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
    w[i] -= rate * m[i] / (std::sqrt(v[i]) * scale + epsilon);
  }
}

template <class T>
void CpuOps<T>::adam(T* w, T* m, T* v, const T* g, std::size_t n, AdamSettings settings,
                     const Clock* clock, T* average) const {
  for_values(n, [=](std::size_t i, std::size_t end) {
    adam_values(w + i, m + i, v + i, g + i, end - i, settings, clock);
    if (average) ema_values(average + i, w + i, end - i, static_cast<T>(clock->ema));
  });
}

}  // namespace gan
