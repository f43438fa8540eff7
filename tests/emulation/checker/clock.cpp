#include "tests/emulation/checker/clock.h"

#include <algorithm>

namespace gan::emulation {
namespace {

void join_entries(Clock::Entries& into, const Clock::Entries& from) {
  for (const auto& [id, time] : from) {
    Time& known = into[id];
    known = std::max(known, time);
  }
}

}  // namespace

void Clock::join(const Clock& other) {
  join_entries(blocks, other.blocks);
  join_entries(warps, other.warps);
  join_entries(threads, other.threads);
}

Time Clock::find(const Entries& entries, unsigned id) {
  const auto found = entries.find(id);
  return found == entries.end() ? 0 : found->second;
}

ClockPointer join(const ClockPointer& one, const ClockPointer& other) {
  if (one == nullptr || one == other) return other;
  if (other == nullptr) return one;
  auto both = std::make_shared<Clock>(*one);
  both->join(*other);
  return both;
}

}  // namespace gan::emulation
