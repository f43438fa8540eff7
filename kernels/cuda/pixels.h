// The conversion of pixels from bytes, as data sets hold them, to the networks' floats.
#pragma once
#include <cuda_runtime.h>

#include <cstdint>

namespace gan::cuda {

// Returns x/255, correctly rounded, as on a CPU: one step of Newton's method on x·(1/255) gives the
// quotient that a division would, for all 256 values (PixelsTest).
__device__ __forceinline__ float pixel_value(std::uint8_t x) {
  constexpr float kReciprocal = 1 / 255.0f;
  const float value = x, near = value * kReciprocal;
  return fmaf(fmaf(-255.0f, near, value), kReciprocal, near);
}

}  // namespace gan::cuda
