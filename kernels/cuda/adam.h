// One parameter's Adam update.
#pragma once
#include <cuda_runtime.h>

#include "kernels/ops.h"

namespace gan::cuda {

// What is the same for all parameters in one step.
struct AdamFactors {
  float rate, scale;   // f·α/(1 - β₁ᵗ), 1/√(1 - β₂ᵗ)
  float beta1, rest1;  // β₁, 1 - β₁
  float beta2, rest2;  // β₂, 1 - β₂
  float epsilon;
};

// In double, for one thread to compute for all others.
__device__ __forceinline__ AdamFactors adam_factors(const AdamSettings& settings,
                                                    const Clock* clock) {
  return {static_cast<float>(clock->rate * settings.rate / clock->correction1),
          static_cast<float>(1 / sqrt(clock->correction2)),
          static_cast<float>(settings.beta1),
          static_cast<float>(1 - settings.beta1),
          static_cast<float>(settings.beta2),
          static_cast<float>(1 - settings.beta2),
          static_cast<float>(settings.epsilon)};
}

__device__ __forceinline__ void adam_update(float& w, float& m, float& v, float g,
                                            const AdamFactors& factors) {
  m = factors.beta1 * m + factors.rest1 * g;
  v = factors.beta2 * v + factors.rest2 * g * g;
  w -= factors.rate * m / (sqrtf(v) * factors.scale + factors.epsilon);
}

}  // namespace gan::cuda
