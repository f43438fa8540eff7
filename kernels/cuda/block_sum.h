// A sum over a block of kBlock threads, in a fixed order.
#pragma once
#include "kernels/cuda/elementwise.h"

namespace gan::cuda {

inline constexpr unsigned kWarps = kBlock / 32;

// Returns the sum of `value` over the block to thread 0, and no useful value to the others.  Before
// `partial` is used again, the caller needs a __syncthreads().
__device__ __forceinline__ float block_sum(float value, float (&partial)[kWarps]) {
  for (int distance = 16; distance > 0; distance /= 2)
    value += __shfl_down_sync(0xffffffffu, value, distance);
  if (threadIdx.x % 32 == 0) partial[threadIdx.x / 32] = value;
  __syncthreads();
  for (unsigned warp = 1; warp < kWarps; ++warp) value += partial[warp];
  return value;
}

}  // namespace gan::cuda
