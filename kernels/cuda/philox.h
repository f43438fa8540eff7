// cuRAND's device Philox4x32-10, read where kernels/random.h says.
#pragma once
#include <curand_kernel.h>

#include "kernels/cuda/elementwise.h"
#include "kernels/random.h"

namespace gan::cuda {

// Words 4·block … 4·block + 3 of a draw.
__device__ __forceinline__ uint4 philox(RandomSource source, std::uint64_t step,
                                        std::size_t block) {
  curandStatePhilox4_32_10_t state;
  curand_init(source.seed, philox_subsequence(source.stream, step), 4 * block, &state);
  return curand4(&state);
}

// The blocks of threads that draw n values, four a thread.
inline unsigned blocks_of_fours(std::size_t n) {
  return blocks_for((n + 3) / 4);
}

}  // namespace gan::cuda
