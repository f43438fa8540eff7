// The emulated twin of kernels/cuda/memory_order.h.  An acquire load lets the other threads run, so
// that a loop that waits for a flag sees it set.
#pragma once
#include <cuda_runtime.h>

namespace gan::cuda {

__attribute__((noinline, no_sanitize("thread"))) inline unsigned load_acquire(
    const unsigned* address, GAN_AT) {
  emulation::poll(at);
  emulation::atomic_begins(emulation::AtomicAccess::acquire_load, address, sizeof *address,
                           __builtin_return_address(0));
  return *address;
}

__attribute__((noinline, no_sanitize("thread"))) inline void store_release(unsigned* address,
                                                                           unsigned value, GAN_AT) {
  emulation::atomic_begins(emulation::AtomicAccess::release_store, address, sizeof *address,
                           __builtin_return_address(0));
  *address = value;
  emulation::atomic_ends(emulation::AtomicEffect::changed, at);
}

__attribute__((noinline, no_sanitize("thread"))) inline void add_release(unsigned* address,
                                                                         unsigned value, GAN_AT) {
  emulation::atomic_update(emulation::AtomicAccess::release_update, address,
                           __builtin_return_address(0), at,
                           [value](unsigned old) { return old + value; });
}

inline void wait_until_reached(const unsigned* counter, unsigned target, GAN_AT) {
  while (static_cast<int>(load_acquire(counter, at) - target) < 0) {
  }
}

}  // namespace gan::cuda
