#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"
#include "kernels/cuda/philox.h"

namespace gan {
namespace {

// Each thread drops or scales the four values of one Philox block; [first, first + n) may begin and
// end inside a block.
__global__ void __launch_bounds__(cuda::kBlock)
    dropout_kernel(float* y, const float* x, std::size_t n, float rate, float scale,
                   RandomSource source, const Clock* clock, std::size_t first) {
  cuda::await_predecessor();
  const std::size_t block = first / 4 + cuda::element();
  const uint4 drawn = cuda::philox(source, clock->step, block);
  const std::uint32_t words[] = {drawn.x, drawn.y, drawn.z, drawn.w};
#pragma unroll
  for (int k = 0; k < 4; ++k) {
    const std::size_t i = 4 * block + k - first;  // unsigned: huge before the first
    if (i < n) y[i] = is_kept(words[k], rate) ? scale * x[i] : 0.0f;
  }
}

}  // namespace

void CudaOps::dropout(float* y, const float* x, std::size_t n, float rate, RandomSource source,
                      const Clock* clock, std::size_t first) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(dropout_kernel, cuda::blocks_of_fours(first % 4 + n), cuda::kBlock, 0,
                         stream, y, x, n, rate, 1 / (1 - rate), source, clock, first));
}

}  // namespace gan
