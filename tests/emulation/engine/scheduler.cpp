#include "tests/emulation/engine/scheduler.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <string_view>
#include <utility>

#include "tests/emulation/device/threads.h"
#include "tests/emulation/engine/findings.h"
#include "tests/emulation/engine/observer.h"

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

namespace gan::emulation {
namespace {

// So often may every thread that can run poll, with nothing else happening, before it is a
// deadlock.
constexpr int kIdleRounds = 10000;

Schedule schedule_of_environment() {
  Schedule schedule;
  const char* order = std::getenv("GAN_EMULATION_ORDER");
  const char* seed = std::getenv("GAN_EMULATION_SEED");
  if (order != nullptr && std::string_view(order) == "reverse") schedule.order = Order::reverse;
  if (order != nullptr && std::string_view(order) == "random") schedule.order = Order::random;
  if (seed != nullptr) schedule.seed = std::strtoull(seed, nullptr, 10);
  return schedule;
}

unsigned volume(dim3 size) {
  return size.x * size.y * size.z;
}

std::string describe(uint3 index) {
  std::string text = "(";
  text += std::to_string(index.x) + ',' + std::to_string(index.y) + ',';
  return text += std::to_string(index.z) + ')';
}

const char* name(State state) {
  switch (state) {
    case State::at_block:
      return "__syncthreads";
    case State::at_warp:
      return "a warp operation";
    case State::at_grid:
      return "a grid barrier";
    default:
      return "a loop that polls";
  }
}

}  // namespace

uint3 index_in(dim3 size, unsigned linear) {
  return {linear % size.x, linear / size.x % size.y, linear / (size.x * size.y)};
}

std::string describe(const Thread& thread) {
  return "block " + describe(thread.block->index) + " thread " + describe(thread.index);
}

Scheduler& scheduler() {
  static Scheduler instance;
  return instance;
}

Schedule schedule() {
  return scheduler().schedule;
}

void set_schedule(Schedule schedule) {
  scheduler().schedule = schedule;
}

Scheduler::Scheduler() : schedule(schedule_of_environment()), fibers_(fiber_main) {}

cudaError_t Scheduler::run(const Launch& launch) {
  launch_ = &launch;
  wait_is_missed_ = false;
  gridDim = launch.grid;
  blockDim = launch.block;
  random_.seed(schedule.seed * 1000003 + ++launches_);
  if (observer() != nullptr) observer()->launch_begins(launch);

  std::vector<unsigned> order(volume(launch.grid));
  std::iota(order.begin(), order.end(), 0u);
  if (schedule.order == Order::reverse) std::reverse(order.begin(), order.end());
  if (schedule.order == Order::random) std::shuffle(order.begin(), order.end(), random_);

  const std::size_t together = launch.kind == LaunchKind::cooperative ? order.size() : 1;
  blocks_.resize(together);
  for (std::size_t first = 0; first < order.size(); first += together) {
    for (std::size_t i = 0; i < together; ++i) start_block(blocks_[i], order[first + i]);
    if (!run_threads()) return cudaErrorLaunchFailure;
  }
  return cudaSuccess;
}

void Scheduler::start_block(Block& block, unsigned linear) {
  const unsigned size = volume(launch_->block);
  block.index = index_in(launch_->grid, linear);
  block.linear = linear;
  block.live = size;
  block.arrived = 0;
  block.votes = block.last_votes = 0;
  block.dynamic_shared = make_buffer(launch_->shared);
  block.threads.resize(size);
  block.warps.resize((size + kWarpSize - 1) / kWarpSize);
  for (unsigned w = 0; w < block.warps.size(); ++w) {
    const unsigned lanes = std::min(kWarpSize, size - w * kWarpSize);
    block.warps[w] = {&block.threads[w * kWarpSize], ~0u >> (kWarpSize - lanes), {}};
  }
  for (unsigned i = 0; i < size; ++i) {
    block.threads[i] = {index_in(launch_->block, i),
                        i,
                        &block,
                        &block.warps[i / kWarpSize],
                        nullptr,
                        State::fresh,
                        {},
                        {},
                        launch_->start == KernelStart::after_predecessor,
                        {}};
    ready_.push_back(&block.threads[i]);
  }
}

// True if all of them ended.
bool Scheduler::run_threads() {
  progress_ = true;
  do {
    while (Thread* thread = next_ != nullptr ? std::exchange(next_, nullptr) : pick()) {
      if (thread->state == State::fresh) {
        thread->state = State::ready;
        thread->fiber = fibers_.take();
      }
      become(*thread);
      in_kernel_ = true;
      home_.switch_to(*thread->fiber);
      in_kernel_ = false;
    }
  } while (unblock());
  const bool ended = std::all_of(blocks_.begin(), blocks_.end(),
                                 [](const Block& block) { return block.live == 0; });
  if (!ended) give_up();
  return ended;
}

Thread* Scheduler::pick() {
  if (ready_.empty()) return nullptr;
  if (schedule.order == Order::random) std::swap(ready_.back(), ready_[random_() % ready_.size()]);
  const bool from_front = schedule.order == Order::forward;
  Thread* thread = from_front ? ready_.front() : ready_.back();
  if (from_front)
    ready_.pop_front();
  else
    ready_.pop_back();
  return thread;
}

void Scheduler::become(Thread& thread) {
  self_ = &thread;
  threadIdx = thread.index;
  blockIdx = thread.block->index;
}

void Scheduler::make_ready(Thread& thread) {
  thread.state = State::ready;
  ready_.push_back(&thread);
  progress_ = true;
}

// A fiber lives through many threads, one after another.
void Scheduler::fiber_main() {
  Scheduler& s = scheduler();
  s.self_->fiber->started(s.home_);
  for (;;) {
    Thread* thread = s.self_;
    s.launch_->invoke(s.launch_->parameters);
    s.in_kernel_ = false;
    s.finish(*thread);
    Fiber* fiber = std::exchange(thread->fiber, nullptr);
    s.next_ = s.pick();
    if (s.next_ != nullptr && s.next_->state == State::fresh) {
      // One that has not started yet needs no switch: it begins on this very stack.
      Thread* next = std::exchange(s.next_, nullptr);
      next->state = State::ready;
      next->fiber = fiber;
      s.become(*next);
      s.in_kernel_ = true;
      continue;
    }
    s.fibers_.give_back(fiber);
    fiber->switch_to(s.home_);
  }
}

void Scheduler::finish(Thread& thread) {
  if (!thread.has_awaited && !std::exchange(wait_is_missed_, true))
    report("no await_predecessor() in " + describe(thread));
  thread.state = State::done;
  progress_ = true;
  --thread.block->live;
  thread.warp->live &= ~(1u << thread.lane());
  complete_warp_groups(*thread.warp);
  complete_block_barrier(*thread.block);
}

void Scheduler::suspend(State state, const Location& at) {
  self_->state = state;
  self_->at = at;
  self_->fiber->switch_to(home_);
}

// In a random order some go on before anything else has happened: it shows who looks once and does
// not wait.
void Scheduler::poll(const Location& at) {
  if (schedule.order == Order::random && random_() % 2 == 0) {
    ready_.push_back(self_);
    return suspend(State::ready, at);
  }
  spinning_.push_back(self_);
  suspend(State::spinning, at);
}

// Nobody can run.  True if that could be changed: all who live wait at the grid's barrier, or some
// poll and may find something new.
bool Scheduler::unblock() {
  std::size_t live = 0, at_grid = 0;
  for (const Block& block : blocks_) {
    live += block.live;
    at_grid += std::count_if(block.threads.begin(), block.threads.end(),
                             [](const Thread& t) { return t.state == State::at_grid; });
  }
  if (live > 0 && at_grid == live) {
    complete_grid_barrier();
    return true;
  }
  idle_rounds_ = std::exchange(progress_, false) ? 0 : idle_rounds_ + 1;
  if (spinning_.empty() || idle_rounds_ == kIdleRounds) return false;
  for (Thread* thread : spinning_) {
    thread->state = State::ready;
    ready_.push_back(thread);
  }
  spinning_.clear();
  return true;
}

void Scheduler::give_up() {
  std::size_t live = 0;
  const Thread* stuck = nullptr;
  for (Block& block : blocks_) {
    live += block.live;
    for (Thread& thread : block.threads) {
      if (thread.state == State::done) continue;
      if (stuck == nullptr || stuck->state == State::spinning) stuck = &thread;
      thread.fiber->reset();
      fibers_.give_back(std::exchange(thread.fiber, nullptr));
    }
  }
  spinning_.clear();
  report("deadlock: " + std::to_string(live) + " threads wait for what never comes, such as " +
         describe(*stuck) + " in " + name(stuck->state) + " at " + to_string(stuck->at));
}

}  // namespace gan::emulation
