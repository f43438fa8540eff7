// Threads, warps and blocks of a running launch.
#pragma once
#include <cuda_runtime.h>

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "tests/emulation/engine/buffer.h"
#include "tests/emulation/engine/device_calls.h"
#include "tests/emulation/engine/fiber.h"
#include "tests/emulation/engine/location.h"

namespace gan::emulation {

inline constexpr unsigned kWarpSize = 32;

enum class State : std::uint8_t { fresh, ready, spinning, at_block, at_warp, at_grid, done };

struct Block;
struct Warp;

// Asynchronous copies of a thread, oldest first: those of ended groups, and then the others.
struct ThreadCopies {
  std::deque<AsyncCopy> copies;
  std::deque<std::size_t> groups;  // sizes of those that ended
  std::size_t open = 0;            // copies since the last group
};

struct Thread {
  uint3 index;
  unsigned linear;  // within the block
  Block* block;
  Warp* warp;
  Fiber* fiber;  // null before it started and after it ended
  State state;
  Location at;          // the call it waits in
  WarpRequest request;  // its payload is replaced by the result
  bool has_awaited;     // the kernels in front of its own
  ThreadCopies copies;

  unsigned lane() const { return linear % kWarpSize; }
};

// Lanes that wait for one another: those that named the same mask.
struct WarpGroup {
  unsigned mask, arrived;
};

struct Warp {
  Thread* lanes;
  unsigned live;  // lanes that have not returned
  std::vector<WarpGroup> groups;
};

struct Block {
  uint3 index;
  unsigned linear;        // within the grid
  unsigned live;          // threads that have not returned
  unsigned arrived;       // at the block's barrier
  int votes, last_votes;  // predicates that held: at this barrier so far, at the last one
  Buffer dynamic_shared;
  std::vector<Thread> threads;
  std::vector<Warp> warps;
};

// The index of element `linear` of an arrangement, x fastest.
uint3 index_in(dim3 size, unsigned linear);

// "block (0,0,0) thread (1,0,0)"
std::string describe(const Thread& thread);

}  // namespace gan::emulation
