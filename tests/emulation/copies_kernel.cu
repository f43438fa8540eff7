#include "tests/emulation/copies_kernel.h"

#include "kernels/cuda/async_copy.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/mma.h"

namespace gan::emulation {
namespace {

template <int kValues>
__global__ void copies_kernel(float* y, float* early, const float* x, const int* there) {
  const unsigned first = kValues * threadIdx.x;
  float* const shared = cuda::dynamic_shared<float>() + first;
  for (int i = 0; i < kValues; ++i) shared[i] = 7;
  cuda::copy_async<kValues>(shared, x + first, there[threadIdx.x] != 0);
  for (int i = 0; i < kValues; ++i) early[first + i] = shared[i];
  cuda::end_copy_group();
  cuda::wait_for_copies<0>();
  for (int i = 0; i < kValues; ++i) y[first + i] = shared[i];
}

__global__ void groups_kernel(float* y, const float* x) {
  const unsigned lane = threadIdx.x;
  float* const shared = cuda::dynamic_shared<float>();
  for (unsigned group = 0; group < 2; ++group) shared[32 * group + lane] = 7;
  for (unsigned group = 0; group < 2; ++group) {
    cuda::copy_async<1>(shared + 32 * group + lane, x + 32 * group + lane, true);
    cuda::end_copy_group();
  }
  cuda::wait_for_copies<1>();
  for (unsigned group = 0; group < 2; ++group) y[32 * group + lane] = shared[32 * group + lane];
  cuda::wait_for_copies<0>();
  for (unsigned group = 0; group < 2; ++group)
    y[64 + 32 * group + lane] = shared[32 * group + lane];
}

__global__ void load_matrices_kernel(float* y, const float* x) {
  const unsigned lane = threadIdx.x;
  float* const shared = cuda::dynamic_shared<float>();
  for (unsigned i = 0; i < 4; ++i) shared[4 * lane + i] = x[4 * lane + i];
  __syncwarp();
  float out[4];
  cuda::load_matrices(out, shared + 4 * (5 * lane % 32));
  for (int m = 0; m < 4; ++m) y[4 * lane + m] = out[m];
}

}  // namespace

void launch_copies(float* y, float* early, const float* x, const int* there, int values) {
  const std::size_t bytes = 32 * static_cast<std::size_t>(values) * sizeof(float);
  cuda::launch(values == 4 ? copies_kernel<4> : copies_kernel<1>, 1, 32, bytes, nullptr, y, early,
               x, there);
}

void launch_groups(float* y, const float* x) {
  cuda::launch(groups_kernel, 1, 32, 64 * sizeof(float), nullptr, y, x);
}

void launch_load_matrices(float* y, const float* x) {
  cuda::launch(load_matrices_kernel, 1, 32, 32 * 4 * sizeof(float), nullptr, y, x);
}

}  // namespace gan::emulation
