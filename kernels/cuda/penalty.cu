// What the penalties on D's slopes need besides its passes.
#include "kernels/cuda/block_sum.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"
#include "kernels/cuda/philox.h"

namespace gan {
namespace {

// One block for each row.
__global__ void __launch_bounds__(cuda::kBlock)
    interpolate_kernel(float* x, const float* a, const float* b, int N, RandomSource source,
                       const Clock* clock) {
  cuda::await_predecessor();
  const uint4 drawn = cuda::philox(source, clock->step, blockIdx.x / 4);
  const std::uint32_t words[] = {drawn.x, drawn.y, drawn.z, drawn.w};
  std::uint32_t word = 0;
#pragma unroll
  for (unsigned k = 0; k < 4; ++k)
    if (blockIdx.x % 4 == k) word = words[k];
  const float share = unit_uniform(word);
  const std::size_t row = static_cast<std::size_t>(blockIdx.x) * N;
  for (int i = threadIdx.x; i < N; i += cuda::kBlock)
    x[row + i] = share * a[row + i] + (1 - share) * b[row + i];
}

__global__ void __launch_bounds__(cuda::kBlock)
    penalty_scale_kernel(float* s, double weight, std::size_t n, const Clock* clock) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i < n) s[i] = static_cast<float>(sqrt(weight * clock->penalty));
}

// One block for each row.
__global__ void __launch_bounds__(cuda::kBlock)
    penalise_norms_kernel(float* dx, float* e, double weight, int N, const Clock* clock) {
  cuda::await_predecessor();
  __shared__ float partial[cuda::kWarps], factor;
  float* const row = dx + static_cast<std::size_t>(blockIdx.x) * N;
  float squares = 0;
  for (int i = threadIdx.x; i < N; i += cuda::kBlock) squares += row[i] * row[i];
  squares = cuda::block_sum(squares, partial);
  if (threadIdx.x == 0) {
    const float now = static_cast<float>(weight * clock->penalty), norm = sqrtf(squares);
    e[blockIdx.x] = sqrtf(now) * (norm - 1);
    factor = norm > 0 ? 2 * now * (1 - 1 / norm) : 0.0f;
  }
  __syncthreads();
  for (int i = threadIdx.x; i < N; i += cuda::kBlock) row[i] *= factor;
}

}  // namespace

void CudaOps::interpolate(float* x, const float* a, const float* b, int B, int N,
                          RandomSource source, const Clock* clock) const {
  if (B == 0 || N == 0) return;
  GAN_CHECK(
      cuda::launch(interpolate_kernel, B, cuda::kBlock, 0, stream, x, a, b, N, source, clock));
}

void CudaOps::penalty_scale(float* s, double weight, std::size_t n, const Clock* clock) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(penalty_scale_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, s,
                         weight, n, clock));
}

void CudaOps::penalise_norms(float* dx, float* e, double weight, int B, int N,
                             const Clock* clock) const {
  if (B == 0) return;
  GAN_CHECK(
      cuda::launch(penalise_norms_kernel, B, cuda::kBlock, 0, stream, dx, e, weight, N, clock));
}

}  // namespace gan
