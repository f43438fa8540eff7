#include "kernels/cuda/block_sum.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"

namespace gan {
namespace {

__global__ void __launch_bounds__(cuda::kBlock) fill_kernel(float* x, float value, std::size_t n) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i < n) x[i] = value;
}

__global__ void __launch_bounds__(cuda::kBlock) clip_kernel(float* x, float bound, std::size_t n) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i >= n) return;
  if (x[i] > bound) x[i] = bound;
  if (x[i] < -bound) x[i] = -bound;
}

// One block: the batch is small, and the order of the sum is fixed.
__global__ void __launch_bounds__(cuda::kBlock)
    dot_kernel(float* y, const float* a, const float* b, float factor, int B) {
  cuda::await_predecessor();
  __shared__ float partial[cuda::kWarps];
  float sum = 0;
  for (int i = threadIdx.x; i < B; i += cuda::kBlock) sum += a[i] * b[i];
  sum = cuda::block_sum(sum, partial);
  if (threadIdx.x == 0) *y = factor * sum;
}

__global__ void __launch_bounds__(cuda::kBlock)
    sum_parts_kernel(float* y, const float* x, float factor, std::size_t n, int parts,
                     std::size_t stride) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i >= n) return;
  float sum = 0;
  for (int p = 0; p < parts; ++p) sum += x[p * stride + i];
  y[i] = factor * sum;
}

}  // namespace

void CudaOps::fill(float* x, float value, std::size_t n) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(fill_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, x, value, n));
}

void CudaOps::clip(float* x, float bound, std::size_t n) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(clip_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, x, bound, n));
}

void CudaOps::sum_parts(float* y, const float* x, float factor, std::size_t n, int parts,
                        std::size_t stride) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(sum_parts_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, y, x,
                         factor, n, parts, stride));
}

void CudaOps::dot(float* y, const float* a, const float* b, float factor, int B) const {
  GAN_CHECK(cuda::launch(dot_kernel, 1, cuda::kBlock, 0, stream, y, a, b, factor, B));
}

}  // namespace gan
