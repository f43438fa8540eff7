#include "kernels/cuda/adam.h"

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
  __shared__ cuda::AdamFactors factors;
  if (threadIdx.x == 0) factors = cuda::adam_factors(settings, clock);
  __syncthreads();
  const std::size_t i = cuda::element();
  if (i < n) cuda::adam_update(w[i], m[i], v[i], g[i], factors);
}

}  // namespace

void CudaOps::adam(float* w, float* m, float* v, const float* g, std::size_t n,
                   AdamSettings settings, const Clock* clock) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(adam_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, w, m, v, g, n,
                         settings, clock));
}

}  // namespace gan
