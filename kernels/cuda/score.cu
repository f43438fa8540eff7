#include "kernels/cuda/block_sum.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"

namespace gan {
namespace {

__device__ __forceinline__ float score_of(float z, Score score, float target) {
  switch (score) {
    case Score::squared:
      return 0.5f * (z - target) * (z - target);
    case Score::hinge:
      return target * z > 1 ? 0.0f : 1 - target * z;  // NaN stays NaN
    case Score::linear:
      break;
  }
  return -target * z;
}

__device__ __forceinline__ float score_slope(float z, Score score, float target) {
  switch (score) {
    case Score::squared:
      return z - target;
    case Score::hinge:
      return target * z < 1 ? -target : 0.0f;
    case Score::linear:
      break;
  }
  return -target;
}

// One block: the batch is small, and the order of the sums is fixed.
__global__ void __launch_bounds__(cuda::kBlock)
    score_kernel(float* loss, float* mean_z, const float* z, ScoreTarget<float> against, int B) {
  cuda::await_predecessor();
  __shared__ float loss_partial[cuda::kWarps], z_partial[cuda::kWarps];
  float loss_sum = 0, z_sum = 0;
  for (int i = threadIdx.x; i < B; i += cuda::kBlock) {
    loss_sum += score_of(z[i], against.score, against.target);
    z_sum += z[i];
  }
  loss_sum = cuda::block_sum(loss_sum, loss_partial);
  z_sum = cuda::block_sum(z_sum, z_partial);
  if (threadIdx.x == 0) {
    *loss = loss_sum / B;
    *mean_z = z_sum / B;
  }
}

__global__ void __launch_bounds__(cuda::kBlock)
    score_gradient_kernel(float* dz, const float* z, ScoreTarget<float> against, int B) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i < B) dz[i] = score_slope(z[i], against.score, against.target) / B;
}

}  // namespace

void CudaOps::score(float* loss, float* mean_z, const float* z, ScoreTarget<float> against,
                    int B) const {
  if (B == 0) return;
  GAN_CHECK(cuda::launch(score_kernel, 1, cuda::kBlock, 0, stream, loss, mean_z, z, against, B));
}

void CudaOps::score_gradient(float* dz, const float* z, ScoreTarget<float> against, int B) const {
  if (B == 0) return;
  GAN_CHECK(cuda::launch(score_gradient_kernel, cuda::blocks_for(B), cuda::kBlock, 0, stream, dz, z,
                         against, B));
}

}  // namespace gan
