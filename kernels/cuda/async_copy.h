// Copies from global to shared memory that a thread starts and waits for later (PTX ISA,
// "cp.async").  Needs compute capability 8.0.
#pragma once
#include <cuda_runtime.h>

namespace gan::cuda {

// Starts to copy kValues floats, 1 or 4, from and to addresses that are aligned to their size;
// writes zeros and reads nothing where `there` is false.
template <int kValues>
__device__ __forceinline__ void copy_async(float* shared, const float* global, bool there) {
  static_assert(kValues == 1 || kValues == 4);
#if __CUDA_ARCH__ >= 800
  const auto to = static_cast<unsigned>(__cvta_generic_to_shared(shared));
  if constexpr (kValues == 4)
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(global),
                 "r"(there ? 16 : 0)
                 : "memory");
  else
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(to), "l"(global),
                 "r"(there ? 4 : 0)
                 : "memory");
#else
  __trap();
#endif
}

// Makes a group of all copies that the thread has started since its last group.
__device__ __forceinline__ void end_copy_group() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

// Waits until at most the newest kGroups groups of this thread are incomplete.
template <int kGroups>
__device__ __forceinline__ void wait_for_copies() {
#if __CUDA_ARCH__ >= 800
  asm volatile("cp.async.wait_group %0;" ::"n"(kGroups) : "memory");
#endif
}

}  // namespace gan::cuda
