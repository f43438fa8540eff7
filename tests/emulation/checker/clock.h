// What a thread knows of other threads' past, beyond what barriers tell.
//
// A vector clock, kept sparse: barriers order nearly everything, and only what was learnt through
// flags and fences is written down.  Times are ticks of one counter that moves at every barrier and
// every release.  An entry (id, t) says: all that the block, warp or thread `id` did before t
// happened before.
#pragma once
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace gan::emulation {

using Time = std::uint32_t;

class Clock {
 public:
  using Entries = std::unordered_map<unsigned, Time>;

  Entries blocks, warps, threads;  // by their number in the grid

  void join(const Clock& other);
  static Time find(const Entries& entries, unsigned id);  // 0: nothing is known
};

// Null is the clock that knows nothing.  Shared, for a block's threads often know the same.
using ClockPointer = std::shared_ptr<const Clock>;

ClockPointer join(const ClockPointer& one, const ClockPointer& other);

}  // namespace gan::emulation
