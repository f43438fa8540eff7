// The fused step as one kernel that runs all phases of many steps.
#include <algorithm>
#include <cstddef>

#include "kernels/cuda/fused_launch.h"
#include "kernels/cuda/grid_barrier.h"

namespace gan {
namespace {

// Runs one phase.  Not inlined: otherwise the compiler keeps values of all phases alive across
// steps, and they do not fit into the registers.
template <class Mode, class Phase>
__device__ __attribute__((noinline)) void run_alone(const FusedStep& step,
                                                    cuda::GridBarrier barrier) {
  cuda::run_phase<Mode, Phase>(step, [&] { barrier.wait(); });
}

template <class Mode, class... Phase>
__device__ __forceinline__ void run_step(cuda::PhaseList<Phase...>, const FusedStep& step,
                                         cuda::GridBarrier& barrier) {
  const auto run = [&](auto phase) {
    run_alone<Mode, decltype(phase)>(step, barrier);
    barrier.arrive();
  };
  (run(Phase{}), ...);
}

template <class Mode>
__global__ void __launch_bounds__(cuda::kTileThreads, 1)
    persistent_kernel(const __grid_constant__ FusedStep step, int steps, unsigned arrivals) {
  cuda::await_predecessor();
  cuda::GridBarrier barrier(step.scratch.arrivals, arrivals);
  for (int i = 0; i < steps; ++i) run_step<Mode>(cuda::FusedPhases{}, step, barrier);
}

template <class... Phase>
unsigned barriers_of(cuda::PhaseList<Phase...>) {
  return sizeof...(Phase);
}
template <class... Phase>
int most_tiles(cuda::PhaseList<Phase...>, const FusedStep& step) {
  return std::max({Phase::tiles(step)...});
}
template <class... Phase>
int most_warp_values(cuda::PhaseList<Phase...>) {
  return std::max({Phase::kWarpValues...});
}

}  // namespace

unsigned persistent_steps(const FusedStep& step, Precision precision, int steps, unsigned arrivals,
                          CudaStream stream) {
  const cuda::FusedPhases phases;
  // One block for every multiprocessor, but no block that would never have work.
  const int blocks =
      std::min(cuda::device_attribute(cudaDevAttrMultiProcessorCount), most_tiles(phases, step));
  const FusedStep sized = cuda::with_product_memory(step, most_warp_values(phases));
  const std::size_t shared = cuda::fused_shared_bytes(sized);
  cuda::choose_arithmetic(step, precision, [&]<class Mode>(Mode) {
    auto* const kernel = persistent_kernel<Mode>;
    cuda::allow_shared(kernel, shared);
    GAN_CHECK(cuda::launch_cooperative(kernel, blocks, cuda::kTileThreads, shared, stream, sized,
                                       steps, arrivals));
  });
  return arrivals + static_cast<unsigned>(blocks * steps) * barriers_of(phases);
}

}  // namespace gan
