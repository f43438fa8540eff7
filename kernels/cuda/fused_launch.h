// What the launches of both fused engines share: device attributes and shared memory.
#pragma once
#include <algorithm>

#include "kernels/cuda/check.h"
#include "kernels/cuda/fused_phases.h"

namespace gan::cuda {

inline int device_attribute(cudaDeviceAttr which) {
  int device = 0, value = 0;
  GAN_CHECK(cudaGetDevice(&device));
  GAN_CHECK(cudaDeviceGetAttribute(&value, which, device));
  return value;
}

inline std::size_t fused_shared_bytes(const FusedStep& step) {
  return static_cast<std::size_t>(fused_shared(step)) * sizeof(float);
}

// The step with `warp_values` floats of shared memory for each warp's part of a product, or with
// the least that every product can do with where a block cannot have that much.
inline FusedStep with_product_memory(FusedStep step, int warp_values) {
  const int most = device_attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin);
  step.warp_values = warp_values;
  if (fused_shared_bytes(step) > static_cast<std::size_t>(most))
    step.warp_values = kWarpShared<LargeTile>;
  return step;
}

// Lets a kernel have more dynamic shared memory than the 48 KB that need no permission.
template <class Kernel>
void allow_shared(Kernel* kernel, std::size_t bytes) {
  constexpr std::size_t kAlways = 48 << 10;
  if (bytes > kAlways)
    GAN_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                   cudaFuncAttributeMaxDynamicSharedMemorySize,
                                   static_cast<int>(bytes)));
}

// Whether every row of every matrix of a step begins at a multiple of 16 bytes.
inline bool has_aligned_rows(const FusedStep& step) {
  const auto is_aligned = [](int width) { return width % 4 == 0; };
  const FusedLayer *const g = step.generator.layers, *const d = step.discriminator.layers;
  return is_aligned(g[0].in) && is_aligned(g[0].out) && is_aligned(g[1].out) &&
         is_aligned(step.pixels()) && is_aligned(d[0].out) && is_aligned(d[1].out);
}

// use(Arithmetic) for the step's shapes and its precision.
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
