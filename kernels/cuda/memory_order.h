// Flags between blocks, at the scope of the device (PTX ISA, "Memory consistency model").  What a
// thread wrote before a release is visible to a thread that acquired the released value.  All flags
// lie in global memory; the instructions name that address space, because generic addresses are
// slower.
#pragma once
#include <cuda_runtime.h>

namespace gan::cuda {

__device__ __forceinline__ unsigned load_acquire(const unsigned* address) {
  unsigned value;
  asm volatile("ld.acquire.gpu.global.u32 %0, [%1];"
               : "=r"(value)
               : "l"(__cvta_generic_to_global(address))
               : "memory");
  return value;
}

__device__ __forceinline__ void store_release(unsigned* address, unsigned value) {
  asm volatile("st.release.gpu.global.u32 [%0], %1;" ::"l"(__cvta_generic_to_global(address)),
               "r"(value)
               : "memory");
}

__device__ __forceinline__ void add_release(unsigned* address, unsigned value) {
  asm volatile("red.release.gpu.global.add.u32 [%0], %1;" ::"l"(__cvta_generic_to_global(address)),
               "r"(value)
               : "memory");
}

// Waits until a counter that only grows, and wraps, has reached `target`; then acquires.  It polls
// with relaxed loads, because every acquire empties the multiprocessor's cache.
__device__ __forceinline__ void wait_until_reached(const unsigned* counter, unsigned target) {
  unsigned value;
  do {
    asm volatile("ld.relaxed.gpu.global.u32 %0, [%1];"
                 : "=r"(value)
                 : "l"(__cvta_generic_to_global(counter))
                 : "memory");
  } while (static_cast<int>(value - target) < 0);
  asm volatile("fence.acq_rel.gpu;" ::: "memory");
}

}  // namespace gan::cuda
