// What the launches of fused.cu and persistent.cu share: shared memory, and the choice of
// arithmetic.
#pragma once
#include "kernels/cuda/device.h"
#include "kernels/cuda/fused_phases.h"

namespace gan::cuda {

inline std::size_t fused_shared_bytes(const FusedStep& step) {
  return static_cast<std::size_t>(fused_shared(step)) * sizeof(float);
}

// Returns the step with `warp_values` of shared memory for each warp's part of a product, or with
// the least that every product can work with if a block cannot have that much.
inline FusedStep with_product_memory(FusedStep step, int warp_values) {
  const int most = device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin);
  step.warp_values = warp_values;
  if (fused_shared_bytes(step) > static_cast<std::size_t>(most))
    step.warp_values = kWarpShared<LargeTile>;
  return step;
}

// Returns whether every row of every matrix of a step begins at a multiple of 16 bytes.
inline bool has_aligned_rows(const FusedStep& step) {
  const auto is_aligned = [](int width) { return width % 4 == 0; };
  const FusedLayer *const g = step.generator.layers, *const d = step.discriminator.layers;
  return is_aligned(g[0].in) && is_aligned(g[0].out) && is_aligned(g[1].out) &&
         is_aligned(step.pixels()) && is_aligned(d[0].out) && is_aligned(d[1].out);
}

// Calls use(Arithmetic<…>{}) with what fits the step's shapes and the precision.
template <class Use>
void choose_arithmetic(const FusedStep& step, Precision precision, const Use& use) {
  const auto choose = [&]<Precision kPrecision>() {
    if (has_aligned_rows(step))
      use(Arithmetic<kPrecision, 4>{});
    else
      use(Arithmetic<kPrecision, 1>{});
  };
  switch (precision) {
    case Precision::fp32:
      return choose.template operator()<Precision::fp32>();
    case Precision::tf32:
      return choose.template operator()<Precision::tf32>();
    case Precision::tf32x3:
      return choose.template operator()<Precision::tf32x3>();
  }
}

}  // namespace gan::cuda
