// The Adam update of one parameter.
#pragma once
#include <cuda_runtime.h>

#include "kernels/ops.h"

namespace gan::cuda {

// The factors that all parameters share in one step.
struct AdamFactors {
  float rate, scale;   // f·α/(1 - β₁ᵗ), 1/√(1 - β₂ᵗ)
  float beta1, rest1;  // β₁, 1 - β₁
  float beta2, rest2;  // β₂, 1 - β₂
  float epsilon;
};

// Returns the factors that do not change from step to step; rate and scale are 0 until in_step().
__host__ __device__ inline AdamFactors adam_factors(const AdamSettings& settings) {
  return {0,
          0,
          static_cast<float>(settings.beta1),
          static_cast<float>(1 - settings.beta1),
          static_cast<float>(settings.beta2),
          static_cast<float>(1 - settings.beta2),
          static_cast<float>(settings.epsilon)};
}

// Returns the same with the rate and the scale of the step that `clock` stands for; `rate` is α.
__device__ __forceinline__ AdamFactors in_step(AdamFactors factors, double rate,
                                               const Clock* clock) {
  factors.rate = static_cast<float>(rate * clock->rate);
  factors.scale = static_cast<float>(clock->scale);
  return factors;
}

__device__ __forceinline__ void adam_update(float& w, float& m, float& v, float g,
                                            const AdamFactors& factors) {
  m = factors.beta1 * m + factors.rest1 * g;
  v = factors.beta2 * v + factors.rest2 * g * g;
  w -= factors.rate * m / (sqrtf(v) * factors.scale + factors.epsilon);
}

}  // namespace gan::cuda
