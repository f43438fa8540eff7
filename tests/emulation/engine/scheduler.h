// Runs a grid on one CPU core.
//
// Every CUDA thread is a fiber that runs until it has to wait: at a barrier, in a warp operation,
// or for a flag.  Then the schedule's order chooses among those that can run.  The blocks of an
// ordinary launch run one after another; those of a cooperative launch all at the same time.
//
// A thread's other instructions are never interleaved with another's, and memory is sequentially
// consistent: the checker finds races from the barriers between two accesses, not from their
// timing.
#pragma once
#include <cuda_runtime.h>

#include <deque>
#include <random>
#include <vector>

#include "tests/emulation/emulation.h"
#include "tests/emulation/engine/launch.h"
#include "tests/emulation/engine/threads.h"

namespace gan::emulation {

class Scheduler {
 public:
  Scheduler();

  // Runs the launch to its end.  cudaErrorLaunchFailure: it was given up in a deadlock.
  cudaError_t run(const Launch& launch);

  // The thread whose code is running, null outside of a kernel and inside the emulation.
  Thread* running() const { return in_kernel_ ? self_ : nullptr; }
  Thread& self() const { return *self_; }
  const Launch& launch() const { return *launch_; }
  const FiberPool& stacks() const { return fibers_; }

  // As in device_calls.h.  Each returns when the running thread goes on.
  int block_barrier(bool predicate, const Location& at);
  void grid_barrier(const Location& at);
  Payload warp_operation(unsigned mask, const WarpRequest& request, const Location& at);
  void poll(const Location& at);
  // Something changed that others may be waiting for.
  void progress() { progress_ = true; }

  Schedule schedule;

 private:
  friend class OutsideKernel;

  static void fiber_main();
  void start_block(Block& block, unsigned linear);
  bool run_threads();
  Thread* pick();
  void become(Thread& thread);
  void make_ready(Thread& thread);
  bool unblock();
  void complete_grid_barrier();
  void give_up();
  void suspend(State state, const Location& at);
  void finish(Thread& thread);
  void complete_block_barrier(Block& block);
  void complete_warp_groups(Warp& warp);
  void release(Warp& warp, unsigned lanes);

  FiberPool fibers_;
  Fiber home_;
  const Launch* launch_ = nullptr;
  std::uint64_t launches_ = 0;
  std::mt19937_64 random_;
  std::vector<Block> blocks_;  // those that run at the same time
  std::deque<Thread*> ready_;
  std::vector<Thread*> spinning_;
  Thread* next_ = nullptr;  // chosen already
  Thread* self_ = nullptr;
  bool in_kernel_ = false;
  bool wait_is_missed_ = false;  // has been reported of this launch
  bool progress_ = false;        // since the spinning threads were last woken
  int idle_rounds_ = 0;          // in which threads polled and nothing else happened
};

Scheduler& scheduler();

// While one exists, what runs is the emulation and not the kernel, and the checker looks away.
class OutsideKernel {
 public:
  OutsideKernel() : was_(scheduler().in_kernel_) { scheduler().in_kernel_ = false; }
  ~OutsideKernel() { scheduler().in_kernel_ = was_; }
  OutsideKernel(const OutsideKernel&) = delete;
  OutsideKernel& operator=(const OutsideKernel&) = delete;

 private:
  bool was_;
};

}  // namespace gan::emulation
