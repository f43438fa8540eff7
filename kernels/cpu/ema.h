// The exponential moving average of an arena of parameters.
#pragma once
#include "kernels/cpu/ops.h"
#include "kernels/cpu/vector.h"

namespace gan {

template <class T>
GAN_VECTORISED void CpuOps<T>::ema(T* a, const T* w, std::size_t n, T decay) const {
  for (std::size_t i = 0; i < n; ++i) a[i] += (1 - decay) * (w[i] - a[i]);
}

}  // namespace gan
