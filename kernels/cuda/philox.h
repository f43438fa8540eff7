// cuRAND's device Philox4x32-10, at the counters that kernels/random.h defines.
#pragma once
#include <cuda_runtime.h>
// The cipher alone: <curand_kernel.h> adds 218 KB of other generators' tables to every file.
#include <curand_philox4x32_x.h>

#include "kernels/cuda/elementwise.h"
#include "kernels/random.h"

namespace gan::cuda {

// Returns words 4·block … 4·block + 3 of a draw.
__device__ __forceinline__ uint4 philox(RandomSource source, std::uint64_t step,
                                        std::uint64_t block) {
  const auto low = [](std::uint64_t word) { return static_cast<unsigned>(word); };
  const auto high = [](std::uint64_t word) { return static_cast<unsigned>(word >> 32); };
  const std::uint64_t subsequence = philox_subsequence(source.stream, step);
  return curand_Philox4x32_10({low(block), high(block), low(subsequence), high(subsequence)},
                              {low(source.seed), high(source.seed)});
}

// Returns how many blocks of threads draw n values, four in each thread.
inline unsigned blocks_of_fours(std::size_t n) {
  return blocks_for((n + 3) / 4);
}

}  // namespace gan::cuda
