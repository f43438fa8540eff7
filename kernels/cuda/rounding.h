// Divisions of sizes that round up.
#pragma once
#include <cuda_runtime.h>

namespace gan::cuda {

// Returns how many tiles of `tile` elements cover `size` elements.
__host__ __device__ constexpr int tiles_of(int size, int tile) {
  return (size + tile - 1) / tile;
}

// Returns the smallest multiple of `step` that is not less than `size`.
template <class Integer>
__host__ __device__ constexpr Integer rounded_up(Integer size, Integer step) {
  return (size + step - 1) / step * step;
}

}  // namespace gan::cuda
