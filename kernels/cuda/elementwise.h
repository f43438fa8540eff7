// What elementwise kernels share: one thread an element, 256 threads a block.
#pragma once
#include "kernels/cuda/launch.h"

namespace gan::cuda {

inline constexpr unsigned kBlock = 256;

inline unsigned blocks_for(std::size_t n) {
  return static_cast<unsigned>((n + kBlock - 1) / kBlock);
}

// The element of this thread; the last block reaches past the end, so compare it with n.
__device__ __forceinline__ std::size_t element() {
  return static_cast<std::size_t>(blockIdx.x) * kBlock + threadIdx.x;
}

}  // namespace gan::cuda
