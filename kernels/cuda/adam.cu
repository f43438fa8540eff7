#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"

namespace gan {
namespace {

// The factors of this step are the same for every parameter: one thread of a block takes their
// roots, in double.
__global__ void __launch_bounds__(cuda::kBlock)
    adam_kernel(float* w, float* m, float* v, const float* g, std::size_t n, AdamSettings settings,
                const Clock* clock) {
  cuda::await_predecessor();
  __shared__ float rate, scale;
  if (threadIdx.x == 0) {
    rate = static_cast<float>(clock->rate * settings.rate / clock->correction1);
    scale = static_cast<float>(1 / sqrt(clock->correction2));
  }
  __syncthreads();
  const std::size_t i = cuda::element();
  if (i >= n) return;
  const float beta1 = static_cast<float>(settings.beta1),
              rest1 = static_cast<float>(1 - settings.beta1);
  const float beta2 = static_cast<float>(settings.beta2),
              rest2 = static_cast<float>(1 - settings.beta2);
  m[i] = beta1 * m[i] + rest1 * g[i];
  v[i] = beta2 * v[i] + rest2 * g[i] * g[i];
  w[i] -= rate * m[i] / (sqrtf(v[i]) * scale + static_cast<float>(settings.epsilon));
}

}  // namespace

void CudaOps::adam(float* w, float* m, float* v, const float* g, std::size_t n,
                   AdamSettings settings, const Clock* clock) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(adam_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, w, m, v, g, n,
                         settings, clock));
}

}  // namespace gan
