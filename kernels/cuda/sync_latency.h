// Kernels that synchronise multiprocessors and do next to nothing else, to be timed
// (host/bench/sync_latency.h).  Blocks have kSyncThreads threads, unless a function says otherwise;
// all memory is the device's.
#pragma once
#include <cstddef>

#include "kernels/cuda/stream.h"

namespace gan {

inline constexpr int kSyncThreads = 256;  // as a block of the fused step

enum class BarrierKind {
  cooperative_groups,  // grid.sync()
  counter,             // cuda::GridBarrier
  two_levels           // a counter for each group of blocks, and one of the groups
};

// What a block does in every round besides the barrier.  written: it writes payload_bytes before
// the barrier.  written_and_loaded: after the barrier it also loads the next block's payload into
// shared memory.
enum class Payload { none, written, written_and_loaded };
inline constexpr std::size_t kSmallPayload = 8 << 10, kLargePayload = 32 << 10;

struct BarrierRounds {
  BarrierKind barrier = BarrierKind::counter;
  Payload payload = Payload::none;
  std::size_t payload_bytes = kSmallPayload;  // or kLargePayload, with BarrierKind::counter
  int blocks = 1;
  unsigned rounds = 1;
};

// Word i of the payload that block `block` writes in round r is 1000003·r + 8192·block + i.
struct BarrierMemory {
  unsigned* sums;  // (blocks, kSyncThreads), written: the words (r·kSyncThreads + thread)
                   // mod size of the payloads that the block loaded, over all rounds r, added up
  unsigned* payloads;  // (2, blocks, payload_bytes / 4), of odd and even rounds; aligned to 16
  unsigned* flags;     // (sync_flags(blocks)), zero
};
// Returns the number of flags that barrier_rounds needs for `blocks` blocks.
std::size_t sync_flags(int blocks);

// Launches one kernel that passes `what.rounds` barriers.  Asynchronous on `stream`, like all
// functions below that have one.
void barrier_rounds(const BarrierMemory& memory, const BarrierRounds& what, CudaStream stream);

// Launches one kernel of `blocks` blocks of one thread, in which blocks 0 and `partner` pass a flag
// to and fro, `rounds` times each.  flag: 0 before, 2·rounds afterwards.
void flag_rounds(unsigned* flag, int blocks, int partner, unsigned rounds, CudaStream stream);

// Launches a kernel that does nothing.
void empty_kernel(int blocks, CudaStream stream);

// Returns the number of multiprocessors of the current GPU.
int multiprocessors();

}  // namespace gan
