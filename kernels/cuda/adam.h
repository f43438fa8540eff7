// One parameter's Adam update.
#pragma once
#include <cuda_runtime.h>

#include "kernels/ops.h"

namespace gan::cuda {

// What is the same for all parameters in one step.
struct AdamFactors {
  float rate, scale;  // f·α/(1 - β₁ᵗ), 1/√(1 - β₂ᵗ)
};

__device__ __forceinline__ AdamFactors adam_factors(const AdamSettings& settings,
                                                    const Clock* clock) {
  return {static_cast<float>(clock->rate * settings.rate / clock->correction1),
          static_cast<float>(1 / sqrt(clock->correction2))};
}

__device__ __forceinline__ void adam_update(float& w, float& m, float& v, float g,
                                            const AdamSettings& settings,
                                            const AdamFactors& factors) {
  const float beta1 = static_cast<float>(settings.beta1),
              rest1 = static_cast<float>(1 - settings.beta1);
  const float beta2 = static_cast<float>(settings.beta2),
              rest2 = static_cast<float>(1 - settings.beta2);
  m = beta1 * m + rest1 * g;
  v = beta2 * v + rest2 * g * g;
  w -= factors.rate * m / (sqrtf(v) * factors.scale + static_cast<float>(settings.epsilon));
}

}  // namespace gan::cuda
