#include "tests/emulation/engine/device_calls.h"

#include "tests/emulation/engine/findings.h"
#include "tests/emulation/engine/observer.h"
#include "tests/emulation/engine/scheduler.h"

namespace gan::emulation {

unsigned lane() {
  return scheduler().self().lane();
}

bool in_cooperative_launch() {
  return scheduler().launch().kind == LaunchKind::cooperative;
}

void* dynamic_shared() {
  return scheduler().self().block->dynamic_shared.get();
}

void await_predecessor() {
  scheduler().self().has_awaited = true;
}

int block_barrier(bool predicate, const Location& at) {
  const OutsideKernel scope;
  return scheduler().block_barrier(predicate, at);
}

void grid_barrier(const Location& at) {
  const OutsideKernel scope;
  scheduler().grid_barrier(at);
}

Payload warp_operation(unsigned mask, const WarpRequest& request, const Location& at) {
  const OutsideKernel scope;
  return scheduler().warp_operation(mask, request, at);
}

void fence() {
  const OutsideKernel scope;
  if (observer() != nullptr) observer()->fence(scheduler().self());
}

void poll(const Location& at) {
  const OutsideKernel scope;
  scheduler().poll(at);
}

void atomic_begins(AtomicAccess access, const void* address, std::size_t size, const void* code) {
  const OutsideKernel scope;
  if (observer() != nullptr) observer()->atomic(scheduler().self(), access, address, size, code);
}

// An update that changes nothing may be a lock that is being waited for.
void atomic_ends(AtomicEffect effect, const Location& at) {
  const OutsideKernel scope;
  if (effect == AtomicEffect::unchanged)
    scheduler().poll(at);
  else
    scheduler().progress();
}

}  // namespace gan::emulation
