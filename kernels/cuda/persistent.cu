// The fused step in one kernel that does not end between phases nor between steps.
#include <algorithm>

#include "kernels/cuda/check.h"
#include "kernels/cuda/fused_launch.h"
#include "kernels/cuda/grid_barrier.h"

namespace gan {
namespace {

template <Precision kPrecision, class... Phase>
__device__ __forceinline__ void run_step(cuda::PhaseList<Phase...>, const FusedStep& step,
                                         cuda::GridBarrier& barrier) {
  ((cuda::run_phase<kPrecision, Phase>(step), barrier.wait()), ...);
}

template <Precision kPrecision>
__global__ void __launch_bounds__(cuda::kTileThreads, 1)
    persistent_kernel(const __grid_constant__ FusedStep step, int steps, unsigned arrivals) {
  cuda::await_predecessor();
  cuda::GridBarrier barrier(step.scratch.arrivals, arrivals);
  for (int i = 0; i < steps; ++i) run_step<kPrecision>(cuda::FusedPhases{}, step, barrier);
}

template <class... Phase>
unsigned barriers_of(cuda::PhaseList<Phase...>) {
  return sizeof...(Phase);
}
template <class... Phase>
int most_tiles(cuda::PhaseList<Phase...>, const FusedStep& step) {
  return std::max({Phase::tiles(step)...});
}

// A block for every multiprocessor, but none that would never have work.
unsigned blocks_for_steps(const FusedStep& step) {
  int device = 0, multiprocessors = 0;
  GAN_CHECK(cudaGetDevice(&device));
  GAN_CHECK(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device));
  return static_cast<unsigned>(std::min(multiprocessors, most_tiles(cuda::FusedPhases{}, step)));
}

}  // namespace

unsigned persistent_steps(const FusedStep& step, Precision precision, int steps, unsigned arrivals,
                          CudaStream stream) {
  const unsigned blocks = blocks_for_steps(step);
  const std::size_t shared = cuda::fused_shared_bytes(step);
  const auto launch = [&](auto* kernel) {
    cuda::allow_shared(kernel, shared);
    GAN_CHECK(cuda::launch_cooperative(kernel, blocks, cuda::kTileThreads, shared, stream, step,
                                       steps, arrivals));
  };
  switch (precision) {
    case Precision::fp32:
      launch(persistent_kernel<Precision::fp32>);
      break;
    case Precision::tf32:
      launch(persistent_kernel<Precision::tf32>);
      break;
    case Precision::tf32x3:
      launch(persistent_kernel<Precision::tf32x3>);
      break;
  }
  return arrivals + blocks * barriers_of(cuda::FusedPhases{}) * static_cast<unsigned>(steps);
}

}  // namespace gan
