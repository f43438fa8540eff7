// What a running kernel calls: the only door from device code into the emulation.
//
// Nothing behind it may be inlined into a kernel.  The checker's build instruments whatever is
// compiled with the kernel, and would take the emulation's own memory for the kernel's.
#pragma once
#include <cstddef>
#include <cstdint>

#include "tests/emulation/engine/location.h"

namespace gan::emulation {

// What a lane moves in a shuffle: up to 16 bytes.
struct Payload {
  std::uint64_t words[2];
};

enum class WarpOperation : std::uint8_t { sync, shuffle, ballot };
enum class ShuffleSource : std::uint8_t { lane, own };  // own: the lane lies outside the segment

// What a lane brings to a warp operation.
struct WarpRequest {
  WarpOperation operation;
  ShuffleSource source;
  int lane;         // to shuffle from
  Payload payload;  // shuffle: the lane's value; ballot: whether its predicate holds
};

enum class AtomicAccess { acquire_load, release_store, relaxed_update, release_update };

unsigned lane();
bool in_cooperative_launch();
void* dynamic_shared();

// The running thread waits for the kernels in front of its own.
void await_predecessor();
// How many of the block's predicates hold.
int block_barrier(bool predicate, const Location& at);
void grid_barrier(const Location& at);
// The value shuffled to this lane, or the votes of all lanes.
Payload warp_operation(unsigned mask, const WarpRequest& request, const Location& at);

// Reports an address that is not a multiple of `bytes`, which an instruction asks for.
void require_alignment(const void* address, std::size_t bytes);

// An asynchronous copy of 1 or 4 floats: from global memory, or of zeros if `from` is null.
struct AsyncCopy {
  const float* from;
  float* to;
  int values;
};
void start_copy(AsyncCopy copy);
void end_copy_group();
// The next copy that the running thread has to carry out when it waits for all groups but the last
// `groups`; {} when there is none.
AsyncCopy next_copy_of_wait(std::size_t groups);

// __threadfence
void fence();
// Lets the other threads run, for this one may be in a loop that waits for them.
void poll(const Location& at);
// Around an atomic access by the instruction at `code`.
void atomic_begins(AtomicAccess access, const void* address, std::size_t size, const void* code);
enum class AtomicEffect { changed, unchanged };
void atomic_ends(AtomicEffect effect, const Location& at);

}  // namespace gan::emulation
