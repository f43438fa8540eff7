#include "tests/emulation/checker/happens_before.h"

#include <algorithm>
#include <bit>

namespace gan::emulation {

void HappensBefore::launch_begins(const Launch& launch) {
  block_size_ = launch.block.x * launch.block.y * launch.block.z;
  block_warps_ = (block_size_ + kWarpSize - 1) / kWarpSize;
  const std::size_t blocks = std::size_t{launch.grid.x} * launch.grid.y * launch.grid.z;
  now_ = 1;
  grid_barrier_ = 0;
  block_barriers_.assign(blocks, 0);
  warp_barriers_.assign(blocks * block_warps_, 0);
  clocks_.clear();
  flags_.clear();
}

unsigned HappensBefore::warp_number(const Thread& thread) const {
  return thread.block->linear * block_warps_ + thread.linear / kWarpSize;
}

unsigned HappensBefore::thread_number(const Thread& thread) const {
  return thread.block->linear * block_size_ + thread.linear;
}

ClockPointer HappensBefore::known(const Thread& thread) const {
  if (clocks_.empty()) return nullptr;
  const auto found = clocks_.find(thread_number(thread));
  return found == clocks_.end() ? nullptr : found->second.known;
}

Time HappensBefore::block_barrier(const Thread& thread) const {
  return block_barriers_[thread.block->linear];
}

Time HappensBefore::warp_barrier(const Thread& thread) const {
  return warp_barriers_[warp_number(thread)];
}

void HappensBefore::block_synchronised(const Block& block) {
  block_barriers_[block.linear] = ++now_;
  if (clocks_.empty()) return;
  ClockPointer all;
  for (const Thread& thread : block.threads) all = join(all, known(thread));
  if (all == nullptr) return;
  for (const Thread& thread : block.threads) clocks_[thread_number(thread)].known = all;
}

void HappensBefore::lanes_synchronised(const Warp& warp, unsigned lanes) {
  ++now_;
  const bool whole_warp = (warp.live & ~lanes) == 0;
  if (whole_warp) warp_barriers_[warp_number(warp.lanes[0])] = now_;
  if (whole_warp && clocks_.empty()) return;

  Clock synchronised;
  for (unsigned i = 0; i < kWarpSize; ++i) {
    if ((lanes >> i & 1) == 0) continue;
    const Thread& lane = warp.lanes[i];
    if (const ClockPointer clock = known(lane)) synchronised.join(*clock);
    if (!whole_warp) synchronised.threads[thread_number(lane)] = now_;
  }
  const auto all = std::make_shared<const Clock>(std::move(synchronised));
  for (unsigned i = 0; i < kWarpSize; ++i)
    if ((lanes >> i & 1) != 0) clocks_[thread_number(warp.lanes[i])].known = all;
}

void HappensBefore::grid_synchronised() {
  grid_barrier_ = ++now_;
  clocks_.clear();
}

// All that happened before this moment of the thread.
ClockPointer HappensBefore::snapshot(const Thread& thread) {
  const ClockPointer clock = known(thread);
  auto all = clock == nullptr ? std::make_shared<Clock>() : std::make_shared<Clock>(*clock);
  all->blocks[thread.block->linear] = block_barrier(thread);
  all->warps[warp_number(thread)] = warp_barrier(thread);
  all->threads[thread_number(thread)] = ++now_;
  return all;
}

void HappensBefore::fence(const Thread& thread) {
  Clocks& clocks = clocks_[thread_number(thread)];
  clocks.known = join(clocks.known, std::exchange(clocks.unfenced, nullptr));
  clocks.released = snapshot(thread);
}

void HappensBefore::atomic(const Thread& thread, AtomicAccess access, const void* address) {
  Clocks& clocks = clocks_[thread_number(thread)];
  ClockPointer& flag = flags_[address];
  switch (access) {
    case AtomicAccess::acquire_load:
      clocks.known = join(clocks.known, flag);
      break;
    case AtomicAccess::release_store:
      flag = snapshot(thread);
      break;
    case AtomicAccess::release_update:
      clocks.unfenced = join(clocks.unfenced, flag);
      flag = join(flag, snapshot(thread));
      break;
    case AtomicAccess::relaxed_update:
      clocks.unfenced = join(clocks.unfenced, flag);
      flag = join(flag, clocks.released);
      break;
  }
}

bool HappensBefore::is_before(const Accessors& accessors, const Thread& thread) const {
  const Time time = accessors.time;
  const bool same_block = accessors.block == thread.block->linear;
  const bool one_warp = std::has_single_bit(accessors.warps);
  if (time < grid_barrier_) return true;
  if (same_block && time < block_barrier(thread)) return true;
  const unsigned own_warp = same_block ? 1u << thread.linear / kWarpSize : 0;
  if (accessors.warps == own_warp &&
      (time < warp_barrier(thread) || accessors.lanes == 1u << thread.lane()))
    return true;

  const ClockPointer clock = known(thread);
  if (clock == nullptr) return false;
  if (time < Clock::find(clock->blocks, accessors.block)) return true;
  for (unsigned warps = accessors.warps; warps != 0; warps &= warps - 1) {
    const auto warp = static_cast<unsigned>(std::countr_zero(warps));
    const bool is_own = (own_warp >> warp & 1) != 0;
    if (is_own && time < warp_barrier(thread)) continue;
    if (time < Clock::find(clock->warps, accessors.block * block_warps_ + warp)) continue;
    if (!one_warp || !lanes_are_before(accessors, warp, thread, *clock)) return false;
  }
  return true;
}

// The same of lanes of one warp, from what is known of each of them.
bool HappensBefore::lanes_are_before(const Accessors& accessors, unsigned warp,
                                     const Thread& thread, const Clock& clock) const {
  for (unsigned lanes = accessors.lanes; lanes != 0; lanes &= lanes - 1) {
    const auto lane = static_cast<unsigned>(std::countr_zero(lanes));
    const unsigned number = accessors.block * block_size_ + warp * kWarpSize + lane;
    if (number != thread_number(thread) && accessors.time >= Clock::find(clock.threads, number))
      return false;
  }
  return true;
}

}  // namespace gan::emulation
