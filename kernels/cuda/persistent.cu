// The fused step in one kernel that does not end between phases nor between steps.
#include <algorithm>
#include <cstddef>

#include "kernels/cuda/fused_launch.h"
#include "kernels/cuda/grid_barrier.h"

namespace gan {
namespace {

// Values of the moments that a block keeps for a phase.
template <class Phase>
__host__ __device__ int kept_moments(const FusedStep& step, int blocks) {
  if constexpr (Phase::kMoments == 0) return 0;
  return cuda::tiles_of(Phase::tiles(step), blocks) * Phase::kMoments;
}
template <class... Phase>
int kept_moments(cuda::PhaseList<Phase...>, const FusedStep& step, int blocks) {
  return (kept_moments<Phase>(step, blocks) + ...);
}

template <class Mode, class... Phase>
__device__ __forceinline__ void run_step(cuda::PhaseList<Phase...>, const FusedStep& step,
                                         float* moments, cuda::GridBarrier& barrier) {
  const auto run = [&](auto phase) {
    cuda::run_phase<Mode, decltype(phase)>(step, moments, [&] { barrier.wait(); });
    if (moments) moments += kept_moments<decltype(phase)>(step, gridDim.x);
    barrier.arrive();
  };
  (run(Phase{}), ...);
}

// Calls visit(resident moment, moment in its arena) for every moment that the running thread keeps
// for a phase.
template <class Phase, class Visit>
__device__ __forceinline__ void for_each_moment(const FusedStep& step, float* moments,
                                                const Visit& visit) {
  if constexpr (Phase::kMoments > 0)
    for (int t = blockIdx.x; t < Phase::tiles(step); t += gridDim.x, moments += Phase::kMoments) {
      Phase::Updates::visit(
          Phase::network(step), t - Phase::first_update(step), [&](int, const auto& tile) {
            const cuda::ResidentMoments<typename Phase::Updates::TileShape> kept{moments};
            using Shape = typename Phase::Updates::TileShape;
            cuda::for_each_result<Shape>([&](int e, int i, int j) {
              if (!tile.has(i, j)) return;
              visit(kept.m(e), tile.layer.weight.moment1[tile.at(i, j)]);
              visit(kept.v(e), tile.layer.weight.moment2[tile.at(i, j)]);
            });
          });
    }
}
template <class... Phase, class Visit>
__device__ __forceinline__ void for_each_moment(cuda::PhaseList<Phase...>, const FusedStep& step,
                                                float* moments, const Visit& visit) {
  const auto go = [&](auto phase) {
    for_each_moment<decltype(phase)>(step, moments, visit);
    moments += kept_moments<decltype(phase)>(step, gridDim.x);
  };
  (go(Phase{}), ...);
}

// Where Adam's moments of the weights are during the steps of a launch: in their arenas, or in the
// shared memory of the block that updates them.
enum class MomentPlace { arena, shared };

template <class Mode>
__global__ void __launch_bounds__(cuda::kTileThreads, 1)
    persistent_kernel(const __grid_constant__ FusedStep step, int steps, unsigned arrivals,
                      MomentPlace place) {
  cuda::await_predecessor();
  const cuda::FusedPhases phases;
  float* const kept = cuda::dynamic_shared<float>() + cuda::fused_shared(step);
  if (place == MomentPlace::shared)
    for_each_moment(phases, step, kept, [](float& here, const float& there) { here = there; });
  cuda::GridBarrier barrier(step.scratch.arrivals, arrivals);
  for (int i = 0; i < steps; ++i)
    run_step<Mode>(phases, step, place == MomentPlace::shared ? kept : nullptr, barrier);
  if (place == MomentPlace::shared)
    for_each_moment(phases, step, kept, [](const float& here, float& there) { there = here; });
}

template <class... Phase>
unsigned barriers_of(cuda::PhaseList<Phase...>) {
  return sizeof...(Phase);
}
template <class... Phase>
int most_tiles(cuda::PhaseList<Phase...>, const FusedStep& step) {
  return std::max({Phase::tiles(step)...});
}

// What the phase that asks for most would have.
constexpr int kWarpValues = cuda::kWarpShared<cuda::SmallTile, cuda::kMostStages>;

struct Launch {
  FusedStep step;
  int blocks;
  std::size_t shared;
  MomentPlace place;
};

// A block for every multiprocessor, but none that would never have work; the moments in shared
// memory if they fit, and then as much for products as there is room for.
Launch launch_of(const FusedStep& step) {
  const cuda::FusedPhases phases;
  const int blocks =
      std::min(cuda::device_attribute(cudaDevAttrMultiProcessorCount), most_tiles(phases, step));
  const std::size_t moments =
      sizeof(float) * static_cast<std::size_t>(kept_moments(phases, step, blocks));
  const auto most =
      static_cast<std::size_t>(cuda::device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin));
  const bool fit = fused_block_bytes(step) + moments <= most;
  const std::size_t kept = fit ? moments : 0;
  const FusedStep sized = cuda::with_product_memory(step, kWarpValues, most - kept);
  return {sized, blocks, cuda::fused_shared_bytes(sized) + kept,
          fit ? MomentPlace::shared : MomentPlace::arena};
}

}  // namespace

unsigned persistent_steps(const FusedStep& step, Precision precision, int steps, unsigned arrivals,
                          CudaStream stream) {
  const Launch launch = launch_of(step);
  cuda::choose_arithmetic(step, precision, [&]<class Mode>(Mode) {
    auto* const kernel = persistent_kernel<Mode>;
    cuda::allow_shared(kernel, launch.shared);
    GAN_CHECK(cuda::launch_cooperative(kernel, launch.blocks, cuda::kTileThreads, launch.shared,
                                       stream, launch.step, steps, arrivals, launch.place));
  });
  return arrivals + static_cast<unsigned>(launch.blocks * steps) * barriers_of(cuda::FusedPhases{});
}

}  // namespace gan
