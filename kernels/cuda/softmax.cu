#include "kernels/cuda/block_sum.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"

namespace gan {
namespace {

// One block, so that the loss is added up in a fixed order; a thread takes whole rows, for there
// are few classes.
__global__ void __launch_bounds__(cuda::kBlock)
    softmax_cross_entropy_kernel(float* loss, float* p, const float* z, const std::uint8_t* t,
                                 int B, int N) {
  cuda::await_predecessor();
  __shared__ float partial[cuda::kWarps];
  float loss_sum = 0;
  for (int i = threadIdx.x; i < B; i += cuda::kBlock) {
    const float* const zi = z + static_cast<std::size_t>(i) * N;
    float* const pi = p + static_cast<std::size_t>(i) * N;
    const float target = zi[t[i]];  // read before p, which may be z, is written
    float most = -INFINITY, sum = 0;
    for (int j = 0; j < N; ++j) most = fmaxf(most, zi[j]);
    for (int j = 0; j < N; ++j) sum += pi[j] = expf(zi[j] - most);
    for (int j = 0; j < N; ++j) pi[j] /= sum;
    loss_sum += (most - target) + logf(sum);
  }
  loss_sum = cuda::block_sum(loss_sum, partial);
  if (threadIdx.x == 0) *loss = loss_sum / B;
}

__global__ void __launch_bounds__(cuda::kBlock)
    softmax_cross_entropy_gradient_kernel(float* dz, const float* p, const std::uint8_t* t, int B,
                                          int N, std::size_t n) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i < n) dz[i] = (p[i] - (i % N == t[i / N] ? 1.0f : 0.0f)) / B;
}

}  // namespace

void CudaOps::softmax_cross_entropy(float* loss, float* p, const float* z, const std::uint8_t* t,
                                    int B, int N) const {
  if (B == 0) return;
  GAN_CHECK(
      cuda::launch(softmax_cross_entropy_kernel, 1, cuda::kBlock, 0, stream, loss, p, z, t, B, N));
}

void CudaOps::softmax_cross_entropy_gradient(float* dz, const float* p, const std::uint8_t* t,
                                             int B, int N) const {
  const std::size_t n = static_cast<std::size_t>(B) * static_cast<std::size_t>(N);
  if (n == 0) return;
  GAN_CHECK(cuda::launch(softmax_cross_entropy_gradient_kernel, cuda::blocks_for(n), cuda::kBlock,
                         0, stream, dz, p, t, B, N, n));
}

}  // namespace gan
