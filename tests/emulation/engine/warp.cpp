// Warp operations: __syncwarp, shuffles, ballots.
//
// Lanes that name the same mask wait for one another.  The operation is done when all of them that
// have not returned are there.  What the hardware leaves undefined is a finding: a mask without the
// caller, lanes of one mask that meet in different calls, a shuffle from a lane that takes no part
// (it then gets 0xFF bytes: NaN).
#include <algorithm>

#include "tests/emulation/engine/findings.h"
#include "tests/emulation/engine/observer.h"
#include "tests/emulation/engine/scheduler.h"

namespace gan::emulation {
namespace {

bool has_lane(unsigned mask, int lane) {
  return lane >= 0 && lane < static_cast<int>(kWarpSize) && (mask >> lane & 1) != 0;
}

// What lane `thread` gets out of the operation.
Payload result_for(const Thread& thread, unsigned lanes, unsigned votes) {
  const WarpRequest& request = thread.request;
  if (request.operation == WarpOperation::ballot) return {{votes, 0}};
  if (request.operation == WarpOperation::sync || request.source == ShuffleSource::own)
    return request.payload;
  if (has_lane(lanes, request.lane)) return thread.warp->lanes[request.lane].request.payload;
  report("shuffle from lane " + std::to_string(request.lane) + ", which takes no part, at " +
         to_string(thread.at) + ", " + describe(thread));
  return {{~0ull, ~0ull}};
}

void check_divergence(const Warp& warp, unsigned lanes) {
  const Thread* first = nullptr;
  for (unsigned i = 0; i < kWarpSize; ++i) {
    if (!has_lane(lanes, static_cast<int>(i))) continue;
    const Thread& lane = warp.lanes[i];
    if (first == nullptr) first = &lane;
    if (lane.at == first->at && lane.request.operation == first->request.operation) continue;
    report("divergent warp operation: " + describe(*first) + " waits at " + to_string(first->at) +
           ", " + describe(lane) + " of the same mask at " + to_string(lane.at));
    return;
  }
}

}  // namespace

Payload Scheduler::warp_operation(unsigned mask, const WarpRequest& request, const Location& at) {
  Thread& thread = *self_;
  if (!has_lane(mask, static_cast<int>(thread.lane())))
    report("warp operation whose mask leaves out the caller at " + to_string(at) + ", " +
           describe(thread));
  thread.request = request;
  auto& groups = thread.warp->groups;
  auto group = std::find_if(groups.begin(), groups.end(),
                            [mask](const WarpGroup& g) { return g.mask == mask; });
  if (group == groups.end()) group = groups.insert(group, {mask, 0});
  group->arrived |= 1u << thread.lane();
  thread.state = State::at_warp;
  thread.at = at;
  complete_warp_groups(*thread.warp);
  thread.fiber->switch_to(home_);
  return thread.request.payload;
}

void Scheduler::complete_warp_groups(Warp& warp) {
  for (std::size_t i = 0; i < warp.groups.size();) {
    const WarpGroup group = warp.groups[i];
    if ((group.mask & warp.live & ~group.arrived) != 0) {
      ++i;
      continue;
    }
    warp.groups.erase(warp.groups.begin() + static_cast<std::ptrdiff_t>(i));
    release(warp, group.arrived);
  }
}

void Scheduler::release(Warp& warp, unsigned lanes) {
  check_divergence(warp, lanes);
  Payload results[kWarpSize];
  unsigned votes = 0;
  bool synchronises = true;
  for (unsigned i = 0; i < kWarpSize; ++i) {
    if (!has_lane(lanes, static_cast<int>(i))) continue;
    const WarpRequest& request = warp.lanes[i].request;
    votes |= (request.operation == WarpOperation::ballot && request.payload.words[0] != 0) << i;
    synchronises &= request.operation == WarpOperation::sync;
  }
  for (unsigned i = 0; i < kWarpSize; ++i)
    if (has_lane(lanes, static_cast<int>(i))) results[i] = result_for(warp.lanes[i], lanes, votes);
  // Shuffles and ballots exchange registers: they do not order accesses to memory.
  if (synchronises && observer() != nullptr) observer()->lanes_synchronised(warp, lanes);
  for (unsigned i = 0; i < kWarpSize; ++i) {
    if (!has_lane(lanes, static_cast<int>(i))) continue;
    warp.lanes[i].request.payload = results[i];
    make_ready(warp.lanes[i]);
  }
}

}  // namespace gan::emulation
