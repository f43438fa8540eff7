// The emulated twin of kernels/cuda/async_copy.h.  A copy is carried out as late as it may be, by
// the thread that waits for it, so that who reads too early finds what was there before.
#pragma once
#include <cuda_runtime.h>

#include "tests/emulation/engine/device_calls.h"

namespace gan::cuda {

template <int kValues>
inline void copy_async(float* shared, const float* global, bool there) {
  static_assert(kValues == 1 || kValues == 4);
  emulation::require_alignment(shared, kValues * sizeof(float));
  if (there) emulation::require_alignment(global, kValues * sizeof(float));
  emulation::start_copy({there ? global : nullptr, shared, kValues});
}

inline void end_copy_group() {
  emulation::end_copy_group();
}

template <int kGroups>
inline void wait_for_copies() {
  for (;;) {
    const emulation::AsyncCopy copy = emulation::next_copy_of_wait(kGroups);
    if (copy.to == nullptr) return;
    if (copy.values == 4)
      *reinterpret_cast<float4*>(copy.to) =
          copy.from == nullptr ? float4{} : *reinterpret_cast<const float4*>(copy.from);
    else
      *copy.to = copy.from == nullptr ? 0 : *copy.from;
  }
}

}  // namespace gan::cuda
