#include "kernels/cuda/adam.h"

#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ema.h"
#include "kernels/cuda/ops.h"

namespace gan {
namespace {

__global__ void __launch_bounds__(cuda::kBlock)
    adam_kernel(float* w, float* m, float* v, const float* g, std::size_t n,
                const __grid_constant__ cuda::AdamFactors factors, double rate, const Clock* clock,
                float* average) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i >= n) return;
  cuda::adam_update(w[i], m[i], v[i], g[i], cuda::in_step(factors, rate, clock));
  if (average) cuda::ema_update(average[i], w[i], static_cast<float>(clock->ema));
}

}  // namespace

void CudaOps::adam(float* w, float* m, float* v, const float* g, std::size_t n,
                   AdamSettings settings, const Clock* clock, float* average) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(adam_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, w, m, v, g, n,
                         cuda::adam_factors(settings), settings.rate, clock, average));
}

}  // namespace gan
