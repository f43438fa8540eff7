#include "tests/emulation/mma_kernel.h"

#include "kernels/cuda/launch.h"
#include "kernels/cuda/mma.h"

namespace gan::emulation {
namespace {

__global__ void mma_kernel(float* d, const float* a, const float* b, const float* c) {
  float a_fragment[4], b_fragment[2], c_fragment[4];
  for (int i = 0; i < 4; ++i) a_fragment[i] = cuda::to_tf32(a[4 * threadIdx.x + i]);
  for (int i = 0; i < 2; ++i) b_fragment[i] = cuda::to_tf32(b[2 * threadIdx.x + i]);
  for (int i = 0; i < 4; ++i) c_fragment[i] = c[4 * threadIdx.x + i];
  cuda::mma_m16n8k8(c_fragment, a_fragment, b_fragment, c_fragment);
  for (int i = 0; i < 4; ++i) d[4 * threadIdx.x + i] = c_fragment[i];
}

__global__ void to_tf32_kernel(float* y, const float* x) {
  y[threadIdx.x] = cuda::to_tf32(x[threadIdx.x]);
}

}  // namespace

void launch_mma(float* d, const float* a, const float* b, const float* c) {
  cuda::launch(mma_kernel, 1, 32, 0, nullptr, d, a, b, c);
}

void launch_to_tf32(float* y, const float* x) {
  cuda::launch(to_tf32_kernel, 1, 32, 0, nullptr, y, x);
}

}  // namespace gan::emulation
