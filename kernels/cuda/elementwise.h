// What elementwise kernels share: one thread for each element, 256 threads in a block.
#pragma once
#include "kernels/cuda/launch.h"

namespace gan::cuda {

inline constexpr unsigned kBlock = 256;

inline unsigned blocks_for(std::size_t n) {
  return static_cast<unsigned>((n + kBlock - 1) / kBlock);
}

// Returns the number of this thread's element.  The last block reaches past the end, so the caller
// compares it with n.
__device__ __forceinline__ std::size_t element() {
  return static_cast<std::size_t>(blockIdx.x) * kBlock + threadIdx.x;
}

}  // namespace gan::cuda
