#include "tests/emulation/checker/shadow.h"

#include <algorithm>

namespace gan::emulation {
namespace {

bool is_atomic(AccessKind kind) {
  return kind >= AccessKind::atomic_read;
}

bool is_read(AccessKind kind) {
  return kind == AccessKind::read || kind == AccessKind::atomic_read;
}

bool conflict(const Access& one, const Access& other) {
  return (one.bytes & other.bytes) != 0 && !(is_atomic(one.kind) && is_atomic(other.kind)) &&
         !(is_read(one.kind) && is_read(other.kind));
}

// Adds an access to those of the same kind by the same block.  What a barrier of the block, or of
// the one warp concerned, lies after is left out: whoever comes after the new access comes after
// that too.
void merge(Access& all, const Access& access, const Thread& thread, const HappensBefore& order) {
  Accessors merged = access.accessors;
  if (all.accessors.time >= order.block_barrier(thread)) {
    merged.warps |= all.accessors.warps;
    const bool same_warp = all.accessors.warps == access.accessors.warps;
    if (same_warp && all.accessors.time >= order.warp_barrier(thread))
      merged.lanes |= all.accessors.lanes;
  }
  if (all.place.thread != access.place.thread) all.other = all.place;
  all.place = access.place;
  all.bytes |= access.bytes;
  all.accessors = merged;
}

void remember(Word& word, const Access& access, const Thread& thread, const HappensBefore& order) {
  if (access.kind == AccessKind::write) {
    word.write = access;
    word.has_write = true;
    // What was before the write is before all that comes after the write.
    std::erase_if(word.others, [&](const Access& o) { return (o.bytes & ~access.bytes) == 0; });
    return;
  }
  for (Access& other : word.others)
    if (other.accessors.block == access.accessors.block && other.kind == access.kind)
      return merge(other, access, thread, order);
  std::erase_if(word.others,
                [&](const Access& o) { return o.accessors.time < order.grid_barrier(); });
  word.others.push_back(access);
}

}  // namespace

bool Word::is_changed() const {
  return has_write || std::ranges::any_of(others, [](const Access& access) {
           return access.kind > AccessKind::atomic_read;
         });
}

void Shadow::launch_begins() {
  if (pages_.size() <= kMostPages) return;
  pages_.clear();
  std::fill(std::begin(cache_), std::end(cache_), Cached{});
}

Word& Shadow::word(std::uintptr_t address) {
  const std::uintptr_t number = address / (4 * kWords);
  Cached& cached = cache_[number % std::size(cache_)];
  if (cached.page == nullptr || cached.number != number) {
    auto& page = pages_[number];
    if (page == nullptr) page = std::make_unique<Page>();
    cached = {number, page.get()};
  }
  return cached.page->words[address / 4 % kWords];
}

std::optional<Access> find_race(Word& word, const Access& access, const Thread& thread,
                                const HappensBefore& order) {
  std::optional<Access> race;
  const auto compare = [&](const Access& earlier) {
    if (conflict(earlier, access) && !order.is_before(earlier.accessors, thread)) race = earlier;
  };
  for (const Access& other : word.others) compare(other);
  if (word.has_write) compare(word.write);
  remember(word, access, thread, order);
  return race;
}

}  // namespace gan::emulation
