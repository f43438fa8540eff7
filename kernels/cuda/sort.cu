// The stable sort of random keys: CUB's radix sort, in a file of its own because a host compiler
// cannot read CUB.
#include "kernels/cuda/sort.h"

#include <cub/device/device_radix_sort.cuh>

#include "kernels/cuda/check.h"

namespace gan::cuda {

std::size_t sort_pairs_storage(int n) {
  std::size_t bytes = 0;
  GAN_CHECK(cub::DeviceRadixSort::SortPairs<std::uint64_t, std::uint32_t>(
      nullptr, bytes, nullptr, nullptr, nullptr, nullptr, n));
  return bytes;
}

void sort_pairs(void* storage, std::size_t bytes, const std::uint64_t* keys_in,
                std::uint64_t* keys_out, const std::uint32_t* values_in, std::uint32_t* values_out,
                int n, CUstream_st* stream) {
  GAN_CHECK(cub::DeviceRadixSort::SortPairs(storage, bytes, keys_in, keys_out, values_in,
                                            values_out, n, 0, 64, stream));
}

}  // namespace gan::cuda
