// Gradient descent with momentum over n parameters.
#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ema.h"
#include "kernels/cuda/ops.h"

namespace gan {
namespace {

__global__ void __launch_bounds__(cuda::kBlock)
    sgd_kernel(float* w, float* v, const float* g, std::size_t n, double rate, const Clock* clock,
               float* average) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i >= n) return;
  v[i] = static_cast<float>(clock->momentum) * v[i] - static_cast<float>(rate * clock->rate) * g[i];
  w[i] += v[i];
  if (average) cuda::ema_update(average[i], w[i], static_cast<float>(clock->ema));
}

}  // namespace

void CudaOps::sgd(float* w, float* v, const float* g, std::size_t n, double rate,
                  const Clock* clock, float* average) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(sgd_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, w, v, g, n, rate,
                         clock, average));
}

}  // namespace gan
