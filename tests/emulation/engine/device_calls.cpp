#include "tests/emulation/engine/device_calls.h"

#include <string>

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

void require_alignment(const void* address, std::size_t bytes) {
  const OutsideKernel scope;
  if (reinterpret_cast<std::uintptr_t>(address) % bytes != 0)
    report("an instruction of " + std::to_string(bytes) + " bytes at a misaligned address by " +
           describe(scheduler().self()));
}

void start_copy(AsyncCopy copy) {
  const OutsideKernel scope;
  ThreadCopies& mine = scheduler().self().copies;
  mine.copies.push_back(copy);
  ++mine.open;
}

void end_copy_group() {
  const OutsideKernel scope;
  ThreadCopies& mine = scheduler().self().copies;
  mine.groups.push_back(mine.open);
  mine.open = 0;
}

AsyncCopy next_copy_of_wait(std::size_t groups) {
  const OutsideKernel scope;
  ThreadCopies& mine = scheduler().self().copies;
  while (mine.groups.size() > groups && mine.groups.front() == 0) mine.groups.pop_front();
  if (mine.groups.size() <= groups) return {};
  const AsyncCopy copy = mine.copies.front();
  mine.copies.pop_front();
  --mine.groups.front();
  return copy;
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
