// The exponential moving average of n parameters.
#pragma once
#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector.h"

namespace gan {

template <class T>
GAN_VECTORISED void ema_values(T* a, const T* w, std::size_t n, T decay) {
  for (std::size_t i = 0; i < n; ++i) a[i] += (1 - decay) * (w[i] - a[i]);
}
template <class T>
void CpuOps<T>::ema(T* a, const T* w, std::size_t n, const Clock* clock) const {
  const auto decay = static_cast<T>(clock->ema);
  for_values(n, [=](std::size_t i, std::size_t end) { ema_values(a + i, w + i, end - i, decay); });
}

}  // namespace gan
