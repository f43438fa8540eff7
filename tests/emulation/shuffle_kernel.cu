#include "tests/emulation/shuffle_kernel.h"

#include "kernels/cuda/launch.h"

namespace gan::emulation {
namespace {

constexpr unsigned kAll = 0xffffffffu;

__global__ void shuffle_kernel(int* y, Shuffle shuffle, int argument, int width) {
  const int lane = threadIdx.x;
  switch (shuffle) {
    case Shuffle::from:
      y[lane] = __shfl_sync(kAll, lane, argument, width);
      break;
    case Shuffle::up:
      y[lane] = __shfl_up_sync(kAll, lane, argument, width);
      break;
    case Shuffle::down:
      y[lane] = __shfl_down_sync(kAll, lane, argument, width);
      break;
    case Shuffle::exclusive_or:
      y[lane] = __shfl_xor_sync(kAll, lane, argument, width);
      break;
  }
}

}  // namespace

void launch_shuffle(int* y, Shuffle shuffle, int argument, int width) {
  cuda::launch(shuffle_kernel, 1, 32, 0, nullptr, y, shuffle, argument, width);
}

}  // namespace gan::emulation
