// Noise, initialisation and the batch order, from cuRAND's device Philox4x32-10.  Compiled without
// contraction (kernels/random.h), so that a CPU draws the same bits.
#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"
#include "kernels/cuda/philox.h"
#include "kernels/cuda/rounding.h"
#include "kernels/cuda/sort.h"

namespace gan {
namespace {

// Stores those of a Philox block's four values that lie within n.  The first one must.
__device__ void store(float* out, std::size_t n, std::size_t block, float4 values) {
  const std::size_t i = 4 * block;
  out[i] = values.x;
  if (i + 1 < n) out[i + 1] = values.y;
  if (i + 2 < n) out[i + 2] = values.z;
  if (i + 3 < n) out[i + 3] = values.w;
}

__global__ void __launch_bounds__(cuda::kBlock)
    normal_kernel(float* z, std::size_t n, RandomSource source, const Clock* clock) {
  cuda::await_predecessor();
  const std::size_t block = cuda::element();
  if (4 * block >= n) return;
  const uint4 words = cuda::philox(source, clock->step, block);
  const NormalPair a = box_muller(words.x, words.y), b = box_muller(words.z, words.w);
  store(z, n, block, {a.first, a.second, b.first, b.second});
}

// Drawn for the step of `clock`, or for `step` if that is null.
__global__ void __launch_bounds__(cuda::kBlock)
    uniform_kernel(float* w, std::size_t n, float bound, RandomSource source, const Clock* clock,
                   std::uint64_t step) {
  cuda::await_predecessor();
  const std::size_t block = cuda::element();
  if (4 * block >= n) return;
  const uint4 words = cuda::philox(source, clock ? clock->step : step, block);
  store(w, n, block,
        {symmetric_uniform(words.x, bound), symmetric_uniform(words.y, bound),
         symmetric_uniform(words.z, bound), symmetric_uniform(words.w, bound)});
}

// Each thread draws two keys, because a Philox block has the bits of two 64-bit keys.
__global__ void __launch_bounds__(cuda::kBlock)
    order_keys_kernel(std::uint64_t* keys, std::uint32_t* numbers, int n, RandomSource source,
                      std::uint64_t step) {
  cuda::await_predecessor();
  const std::size_t block = cuda::element();
  const std::uint32_t i = static_cast<std::uint32_t>(2 * block);
  if (i >= n) return;
  const uint4 words = cuda::philox(source, step, block);
  keys[i] = words.x | static_cast<std::uint64_t>(words.y) << 32;
  numbers[i] = i;
  if (i + 1 >= n) return;
  keys[i + 1] = words.z | static_cast<std::uint64_t>(words.w) << 32;
  numbers[i + 1] = i + 1;
}

std::size_t aligned(std::size_t bytes) {
  return cuda::rounded_up(bytes, std::size_t{256});
}

}  // namespace

void CudaOps::normal(float* z, std::size_t n, RandomSource source, const Clock* clock) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(normal_kernel, cuda::blocks_of_fours(n), cuda::kBlock, 0, stream, z, n,
                         source, clock));
}

void CudaOps::uniform_noise(float* z, std::size_t n, float bound, RandomSource source,
                            const Clock* clock) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(uniform_kernel, cuda::blocks_of_fours(n), cuda::kBlock, 0, stream, z, n,
                         bound, source, clock, std::uint64_t{0}));
}

void CudaOps::uniform(float* w, std::size_t n, float bound, RandomSource source,
                      std::uint64_t step) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(uniform_kernel, cuda::blocks_of_fours(n), cuda::kBlock, 0, stream, w, n,
                         bound, source, static_cast<const Clock*>(nullptr), step));
}

// The storage holds the unsorted keys, the sorted keys, the unsorted numbers, and that of the sort.
std::size_t CudaOps::permutation_storage(int n) const {
  const std::size_t count = static_cast<std::size_t>(n);
  return 2 * aligned(count * sizeof(std::uint64_t)) + aligned(count * sizeof(std::uint32_t)) +
         cuda::sort_pairs_storage(n);
}

void CudaOps::permutation(std::uint32_t* order, void* storage, int n, RandomSource source,
                          std::uint64_t step) const {
  if (n == 0) return;
  const std::size_t count = static_cast<std::size_t>(n);
  const std::size_t key_bytes = aligned(count * sizeof(std::uint64_t));
  auto* const base = static_cast<unsigned char*>(storage);
  auto* const keys = reinterpret_cast<std::uint64_t*>(base);
  auto* const sorted_keys = reinterpret_cast<std::uint64_t*>(base + key_bytes);
  auto* const numbers = reinterpret_cast<std::uint32_t*>(base + 2 * key_bytes);
  void* const sort_storage = base + 2 * key_bytes + aligned(count * sizeof(std::uint32_t));
  GAN_CHECK(cuda::launch(order_keys_kernel, cuda::blocks_for((count + 1) / 2), cuda::kBlock, 0,
                         stream, keys, numbers, n, source, step));
  cuda::sort_pairs(sort_storage, cuda::sort_pairs_storage(n), keys, sorted_keys, numbers, order, n,
                   stream);
}

}  // namespace gan
