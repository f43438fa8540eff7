// The barriers of a block and of a grid.
//
// A barrier is complete when all threads that have not returned wait at it.  That some have
// returned, or wait at a barrier of another source line, is a finding: the hardware lets some of it
// pass, but no kernel here means it.
#include "tests/emulation/engine/findings.h"
#include "tests/emulation/engine/observer.h"
#include "tests/emulation/engine/scheduler.h"

namespace gan::emulation {
namespace {

void check_divergence(const Block& block) {
  const Thread *first = nullptr, *other = nullptr;
  for (const Thread& thread : block.threads) {
    if (thread.state != State::at_block) continue;
    if (first == nullptr) first = &thread;
    if (thread.at != first->at) other = &thread;
  }
  if (block.live < block.threads.size())
    report("divergent __syncthreads at " + to_string(first->at) + ": " +
           std::to_string(block.threads.size() - block.live) + " of " +
           std::to_string(block.threads.size()) + " threads of the block of " + describe(*first) +
           " have already returned");
  if (other != nullptr)
    report("divergent __syncthreads: " + describe(*first) + " waits at " + to_string(first->at) +
           ", " + describe(*other) + " at " + to_string(other->at));
}

}  // namespace

int Scheduler::block_barrier(bool predicate, const Location& at) {
  Block& block = *self_->block;
  ++block.arrived;
  block.votes += predicate;
  self_->state = State::at_block;
  self_->at = at;
  complete_block_barrier(block);
  self_->fiber->switch_to(home_);
  return block.last_votes;
}

void Scheduler::complete_block_barrier(Block& block) {
  if (block.arrived == 0 || block.arrived != block.live) return;
  check_divergence(block);
  block.arrived = 0;
  block.last_votes = std::exchange(block.votes, 0);
  if (observer() != nullptr) observer()->block_synchronised(block);
  for (Thread& thread : block.threads)
    if (thread.state == State::at_block) make_ready(thread);
}

void Scheduler::grid_barrier(const Location& at) {
  if (launch_->kind != LaunchKind::cooperative)
    report("grid barrier in an ordinary launch at " + to_string(at) + ", " + describe(*self_));
  suspend(State::at_grid, at);
}

void Scheduler::complete_grid_barrier() {
  const Thread *first = nullptr, *other = nullptr;
  bool returned = false;
  for (const Block& block : blocks_)
    for (const Thread& thread : block.threads) {
      returned |= thread.state == State::done;
      if (thread.state != State::at_grid) continue;
      if (first == nullptr) first = &thread;
      if (thread.at != first->at) other = &thread;
    }
  if (returned)
    report("divergent grid barrier at " + to_string(first->at) +
           ": some threads have already returned");
  if (other != nullptr)
    report("divergent grid barrier: " + describe(*first) + " waits at " + to_string(first->at) +
           ", " + describe(*other) + " at " + to_string(other->at));
  if (observer() != nullptr) observer()->grid_synchronised();
  for (Block& block : blocks_)
    for (Thread& thread : block.threads)
      if (thread.state == State::at_grid) make_ready(thread);
}

}  // namespace gan::emulation
