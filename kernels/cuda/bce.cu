#include "kernels/cuda/bce.h"

#include "kernels/cuda/activations.h"
#include "kernels/cuda/block_sum.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"

namespace gan {
namespace {

// One block: the batch is small, and the order of the sums is fixed.
__global__ void __launch_bounds__(cuda::kBlock)
    bce_kernel(float* loss, float* mean_p, float* p, const float* z, BceTarget<float> against,
               int B) {
  cuda::await_predecessor();
  __shared__ float loss_partial[cuda::kWarps], p_partial[cuda::kWarps];
  float loss_sum = 0, p_sum = 0;
  for (int i = threadIdx.x; i < B; i += cuda::kBlock) {
    p[i] = cuda::sigmoid_of(z[i]);
    loss_sum += cuda::bce_of(z[i], against.target);
    p_sum += p[i];
  }
  loss_sum = cuda::block_sum(loss_sum, loss_partial);
  p_sum = cuda::block_sum(p_sum, p_partial);
  if (threadIdx.x == 0) {
    *loss = against.weight * loss_sum / B;
    *mean_p = p_sum / B;
  }
}

__global__ void __launch_bounds__(cuda::kBlock)
    bce_gradient_kernel(float* dz, const float* p, BceTarget<float> against, int B) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i < B) dz[i] = against.weight * (p[i] - against.target) / B;
}

__global__ void __launch_bounds__(cuda::kBlock)
    pair_bce_kernel(float* loss, float* mean_p, float* p, const float* a, const float* b, int B) {
  cuda::await_predecessor();
  __shared__ float loss_partial[cuda::kWarps], p_partial[cuda::kWarps];
  float loss_sum = 0, p_sum = 0;
  for (int i = threadIdx.x; i < B; i += cuda::kBlock) {
    const float margin = a[i] - b[i];
    p[i] = cuda::sigmoid_of(margin);
    loss_sum += cuda::bce_of(margin, 1);
    p_sum += p[i];
  }
  loss_sum = cuda::block_sum(loss_sum, loss_partial);
  p_sum = cuda::block_sum(p_sum, p_partial);
  if (threadIdx.x == 0) {
    *loss = loss_sum / B;
    *mean_p = p_sum / B;
  }
}

__global__ void __launch_bounds__(cuda::kBlock)
    pair_bce_gradient_kernel(float* da, float* db, const float* p, int B) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i >= B) return;
  const float slope = (p[i] - 1) / B;
  da[i] = slope;
  db[i] = -slope;
}

}  // namespace

void CudaOps::bce(float* loss, float* mean_p, float* p, const float* z, BceTarget<float> against,
                  int B) const {
  if (B == 0) return;
  GAN_CHECK(cuda::launch(bce_kernel, 1, cuda::kBlock, 0, stream, loss, mean_p, p, z, against, B));
}

void CudaOps::bce_gradient(float* dz, const float* p, BceTarget<float> against, int B) const {
  if (B == 0) return;
  GAN_CHECK(cuda::launch(bce_gradient_kernel, cuda::blocks_for(B), cuda::kBlock, 0, stream, dz, p,
                         against, B));
}

void CudaOps::pair_bce(float* loss, float* mean_p, float* p, const float* a, const float* b,
                       int B) const {
  if (B == 0) return;
  GAN_CHECK(cuda::launch(pair_bce_kernel, 1, cuda::kBlock, 0, stream, loss, mean_p, p, a, b, B));
}

void CudaOps::pair_bce_gradient(float* da, float* db, const float* p, int B) const {
  if (B == 0) return;
  GAN_CHECK(cuda::launch(pair_bce_gradient_kernel, cuda::blocks_for(B), cuda::kBlock, 0, stream, da,
                         db, p, B));
}

}  // namespace gan
