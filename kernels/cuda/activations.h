// ReLU, LeakyReLU and Sigmoid of a value.
#pragma once
#include <cuda_runtime.h>

namespace gan::cuda {

// Returns 1/(1 + e⁻ˣ), computed from e^-|x|, which cannot overflow.
__device__ __forceinline__ float sigmoid_of(float x) {
  const float e = expf(-fabsf(x));
  return (x >= 0 ? 1.0f : e) / (1 + e);
}

__device__ __forceinline__ float leaky(float x, float slope) {
  return x > 0 ? x : slope * x;
}

}  // namespace gan::cuda
