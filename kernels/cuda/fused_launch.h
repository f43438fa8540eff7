// What launches of the fused step's phases share.
#pragma once
#include "kernels/cuda/check.h"
#include "kernels/cuda/fused_phases.h"

namespace gan::cuda {

inline std::size_t fused_shared_bytes(const FusedStep& step) {
  return static_cast<std::size_t>(fused_shared(step)) * sizeof(float);
}

// Lets a kernel have more shared memory than every kernel has.
template <class Kernel>
void allow_shared(Kernel* kernel, std::size_t bytes) {
  constexpr std::size_t kAlways = 48 << 10;
  if (bytes > kAlways)
    GAN_CHECK(cudaFuncSetAttribute(reinterpret_cast<const void*>(kernel),
                                   cudaFuncAttributeMaxDynamicSharedMemorySize,
                                   static_cast<int>(bytes)));
}

}  // namespace gan::cuda
