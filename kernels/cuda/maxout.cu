// Maxout units and their gradient: one thread for each unit.
#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"

namespace gan {
namespace {

// Returns the number of the largest of a unit's values, the first of equals.
__device__ __forceinline__ int largest_piece(const float* z, int pieces) {
  int best = 0;
  float most = z[0];
  for (int k = 1; k < pieces; ++k)
    if (z[k] > most) {
      most = z[k];
      best = k;
    }
  return best;
}

__global__ void __launch_bounds__(cuda::kBlock)
    bias_maxout_kernel(float* y, float* z, const float* b, std::size_t n, int N, int pieces) {
  cuda::await_predecessor();
  const std::size_t unit = cuda::element();
  if (unit >= n) return;
  float* const own = z + unit * pieces;
  const float* const bias = b + unit % N * pieces;
  for (int k = 0; k < pieces; ++k) own[k] += bias[k];
  y[unit] = own[largest_piece(own, pieces)];
}

__global__ void __launch_bounds__(cuda::kBlock)
    maxout_gradient_kernel(float* dz, const float* dy, const float* z, std::size_t n, int pieces) {
  cuda::await_predecessor();
  const std::size_t unit = cuda::element();
  if (unit >= n) return;
  const int best = largest_piece(z + unit * pieces, pieces);
  for (int k = 0; k < pieces; ++k) dz[unit * pieces + k] = k == best ? dy[unit] : 0.0f;
}

__global__ void __launch_bounds__(cuda::kBlock)
    maxout_select_kernel(float* y, const float* x, const float* z, std::size_t n, int pieces) {
  cuda::await_predecessor();
  const std::size_t unit = cuda::element();
  if (unit < n) y[unit] = x[unit * pieces + largest_piece(z + unit * pieces, pieces)];
}

std::size_t units(int B, int N) {
  return static_cast<std::size_t>(B) * static_cast<std::size_t>(N);
}

}  // namespace

void CudaOps::bias_maxout(float* y, float* z, const float* b, int B, int N, int pieces) const {
  const std::size_t n = units(B, N);
  if (n == 0) return;
  GAN_CHECK(cuda::launch(bias_maxout_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, y, z, b,
                         n, N, pieces));
}

void CudaOps::maxout_gradient(float* dz, const float* dy, const float* z, int B, int N,
                              int pieces) const {
  const std::size_t n = units(B, N);
  if (n == 0) return;
  GAN_CHECK(cuda::launch(maxout_gradient_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, dz,
                         dy, z, n, pieces));
}

void CudaOps::maxout_select(float* y, const float* x, const float* z, int B, int N,
                            int pieces) const {
  const std::size_t n = units(B, N);
  if (n == 0) return;
  GAN_CHECK(cuda::launch(maxout_select_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, y, x,
                         z, n, pieces));
}

}  // namespace gan
