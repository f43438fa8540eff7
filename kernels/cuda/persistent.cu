// The fused step in one kernel that does not end between phases nor between steps.
#include <algorithm>
#include <cstddef>

#include "kernels/cuda/check.h"
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

template <Precision kPrecision, class... Phase>
__device__ __forceinline__ void run_step(cuda::PhaseList<Phase...>, const FusedStep& step,
                                         float* moments, cuda::GridBarrier& barrier) {
  const auto run = [&](auto phase) {
    cuda::run_phase<kPrecision, decltype(phase)>(step, moments);
    if (moments) moments += kept_moments<decltype(phase)>(step, gridDim.x);
    barrier.wait();
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
      if (t < Phase::first_update(step)) continue;
      Phase::Updates::visit(
          Phase::network(step), t - Phase::first_update(step),
          [&](int, const auto& tile) {
            const cuda::ResidentMoments<typename Phase::Updates::TileShape> kept{moments};
            tile.for_each([&](int e, std::size_t at) {
              visit(kept.m(e), tile.layer.weight.moment1[at]);
              visit(kept.v(e), tile.layer.weight.moment2[at]);
            });
          },
          [](int, int) {});
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

template <Precision kPrecision>
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
    run_step<kPrecision>(phases, step, place == MomentPlace::shared ? kept : nullptr, barrier);
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

int attribute(cudaDeviceAttr which) {
  int device = 0, value = 0;
  GAN_CHECK(cudaGetDevice(&device));
  GAN_CHECK(cudaDeviceGetAttribute(&value, which, device));
  return value;
}

struct Shape {
  int blocks;
  std::size_t shared;
  MomentPlace place;
};

// A block for every multiprocessor, but none that would never have work; the moments in shared
// memory if they fit.
Shape shape_of(const FusedStep& step) {
  const cuda::FusedPhases phases;
  const int blocks = std::min(attribute(cudaDevAttrMultiProcessorCount), most_tiles(phases, step));
  const std::size_t alone = cuda::fused_shared_bytes(step);
  const std::size_t together =
      alone + sizeof(float) * static_cast<std::size_t>(kept_moments(phases, step, blocks));
  const auto most = static_cast<std::size_t>(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin));
  if (together <= most) return {blocks, together, MomentPlace::shared};
  return {blocks, alone, MomentPlace::arena};
}

}  // namespace

unsigned persistent_steps(const FusedStep& step, Precision precision, int steps, unsigned arrivals,
                          CudaStream stream) {
  const Shape shape = shape_of(step);
  const auto launch = [&](auto* kernel) {
    cuda::allow_shared(kernel, shape.shared);
    GAN_CHECK(cuda::launch_cooperative(kernel, shape.blocks, cuda::kTileThreads, shape.shared,
                                       stream, step, steps, arrivals, shape.place));
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
  return arrivals + static_cast<unsigned>(shape.blocks * steps) * barriers_of(cuda::FusedPhases{});
}

}  // namespace gan
