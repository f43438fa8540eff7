// Atomic updates and fences.
//
// Models: relaxed updates at the scope of the device; __threadfence before one publishes, and
// after one receives, what was written before (the checker keeps the clocks).  An update that
// changes nothing may be a lock that is being waited for, so it lets other threads run.
// Limits: no other scopes (…_block, …_system, __threadfence_block).
#pragma once
#include <type_traits>

#include "tests/emulation/engine/device_calls.h"

namespace gan::emulation {

// Replaces the value by what `update` makes of it.  One system thread runs everything, so that
// plain instructions will do.
template <class T, class Update>
__attribute__((always_inline, no_sanitize("thread"))) inline T atomic_update(
    AtomicAccess access, T* address, const void* code, const Location& at, Update update) {
  atomic_begins(access, address, sizeof(T), code);
  const T old = *address;
  *address = update(old);
  atomic_ends(*address == old ? AtomicEffect::unchanged : AtomicEffect::changed, at);
  return old;
}

}  // namespace gan::emulation

// Not inlined: the caller's place in the code is the return address.
#define GAN_ATOMIC(name, ...)                                                                   \
  template <class T>                                                                            \
  __attribute__((noinline, no_sanitize("thread"))) T name(                                      \
      T* address, std::type_identity_t<T> value,                                                \
      const gan::emulation::Location& at = gan::emulation::Location::current()) {               \
    return gan::emulation::atomic_update(gan::emulation::AtomicAccess::relaxed_update, address, \
                                         __builtin_return_address(0), at,                       \
                                         [value](T old) -> T { return __VA_ARGS__; });          \
  }
GAN_ATOMIC(atomicAdd, old + value)
GAN_ATOMIC(atomicSub, old - value)
GAN_ATOMIC(atomicMax, old < value ? value : old)
GAN_ATOMIC(atomicMin, value < old ? value : old)
GAN_ATOMIC(atomicExch, (static_cast<void>(old), value))
GAN_ATOMIC(atomicAnd, old& value)
GAN_ATOMIC(atomicOr, old | value)
GAN_ATOMIC(atomicXor, old ^ value)
GAN_ATOMIC(atomicInc, old >= value ? T(0) : old + 1)
GAN_ATOMIC(atomicDec, old == 0 || old > value ? value : old - 1)
#undef GAN_ATOMIC

template <class T>
__attribute__((noinline, no_sanitize("thread"))) T atomicCAS(
    T* address, std::type_identity_t<T> expected, std::type_identity_t<T> value,
    const gan::emulation::Location& at = gan::emulation::Location::current()) {
  return gan::emulation::atomic_update(gan::emulation::AtomicAccess::relaxed_update, address,
                                       __builtin_return_address(0), at,
                                       [=](T old) -> T { return old == expected ? value : old; });
}

inline void __threadfence() {
  gan::emulation::fence();
}
