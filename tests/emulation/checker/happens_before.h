// The happens-before order of a launch: which accesses of the past come before what a thread does
// now, whatever the schedule.
//
// What orders: a thread's own program, __syncthreads in a block, __syncwarp among its lanes, a grid
// barrier, and a value that was released and then acquired: by store_release and load_acquire, or
// by __threadfence before one atomic update and after another that finds its value.  As in the PTX
// memory model, without the second fence nothing is received; shuffles and ballots order nothing.
#pragma once
#include <unordered_map>
#include <vector>

#include "tests/emulation/checker/clock.h"
#include "tests/emulation/engine/launch.h"
#include "tests/emulation/engine/threads.h"

namespace gan::emulation {

// Threads of one block, and the time of the latest of their accesses.
struct Accessors {
  unsigned block;  // number in the grid
  unsigned warps;  // bit w: warp w of the block
  unsigned lanes;  // of the warp, if there is but one
  Time time;
};

class HappensBefore {
 public:
  void launch_begins(const Launch& launch);

  void block_synchronised(const Block& block);
  void lanes_synchronised(const Warp& warp, unsigned lanes);
  void grid_synchronised();
  void fence(const Thread& thread);
  void atomic(const Thread& thread, AtomicAccess access, const void* address);

  Time now() const { return now_; }
  // Whether all that these threads did up to their time happened before what `thread` does now.
  bool is_before(const Accessors& accessors, const Thread& thread) const;
  // The last barrier that a thread knows its whole block, or its warp, to have passed.
  Time block_barrier(const Thread& thread) const;
  Time warp_barrier(const Thread& thread) const;
  Time grid_barrier() const { return grid_barrier_; }

 private:
  // What a thread learnt from others, published by its last fence, and read but not yet fenced.
  struct Clocks {
    ClockPointer known, released, unfenced;
  };

  unsigned warp_number(const Thread& thread) const;
  unsigned thread_number(const Thread& thread) const;
  ClockPointer known(const Thread& thread) const;
  bool lanes_are_before(const Accessors& accessors, unsigned warp, const Thread& thread,
                        const Clock& clock) const;
  ClockPointer snapshot(const Thread& thread);

  unsigned block_size_ = 0, block_warps_ = 0;
  Time now_ = 0, grid_barrier_ = 0;
  std::vector<Time> block_barriers_, warp_barriers_;
  std::unordered_map<unsigned, Clocks> clocks_;          // by thread
  std::unordered_map<const void*, ClockPointer> flags_;  // what was released there
};

}  // namespace gan::emulation
