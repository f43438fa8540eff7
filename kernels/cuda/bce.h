// The binary cross-entropy of one logit.
#pragma once
#include <cuda_runtime.h>

namespace gan::cuda {

// Returns max(z, 0) - z·t + ln(1 + e^-|z|), the cross-entropy of sigmoid(z) against t.
__device__ __forceinline__ float bce_of(float z, float t) {
  return fmaxf(z, 0.0f) - z * t + log1pf(expf(-fabsf(z)));
}

}  // namespace gan::cuda
