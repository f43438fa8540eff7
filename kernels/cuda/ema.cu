#include "kernels/cuda/ema.h"

#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"

namespace gan {
namespace {

__global__ void __launch_bounds__(cuda::kBlock)
    ema_kernel(float* a, const float* w, std::size_t n, const Clock* clock) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i < n) cuda::ema_update(a[i], w[i], static_cast<float>(clock->ema));
}

}  // namespace

void CudaOps::ema(float* a, const float* w, std::size_t n, const Clock* clock) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(ema_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, a, w, n, clock));
}

}  // namespace gan
