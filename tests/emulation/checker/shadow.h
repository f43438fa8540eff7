// What is remembered of each 4-byte word that kernels touch: its last write, and who has read it or
// updated it atomically since.
//
// Limits: of threads that write different bytes of one word only the last is remembered, and of
// several warps of a block that read a word between two barriers only the latest time.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "tests/emulation/checker/happens_before.h"

namespace gan::emulation {

enum class AccessKind : std::uint8_t { read, write, atomic_read, atomic_write, atomic_update };

// Where in the program an access was made, and by which thread of its block.
struct Place {
  const void* code;  // the return address of the instruction's callback
  unsigned thread;
};

struct Access {
  Place place;
  std::uint8_t bytes;  // of the word: bit i, byte i
  AccessKind kind;
  Accessors accessors;  // the access alone, or all of the same kind by the same block
  Place other;          // of all: the last one by another thread than place.thread
};

struct Word {
  unsigned launch = 0;       // what follows is about this launch,
  unsigned block = 0;        // and, in static shared memory, this block
  std::uint8_t written = 0;  // shared memory: the bytes that were
  bool has_write = false;
  Access write{};              // the last plain write
  std::vector<Access> others;  // reads and atomics since then, one entry a block and kind

  bool is_changed() const;
};

class Shadow {
 public:
  // No word of an earlier launch is needed any more.  Their pages are kept for the next one, until
  // they are too many: shared memory lies elsewhere in every launch.
  void launch_begins();
  Word& word(std::uintptr_t address);

 private:
  static constexpr std::size_t kWords = 1024;  // in a page
  static constexpr std::size_t kMostPages = 4096;
  struct Page {
    Word words[kWords];
  };
  struct Cached {
    std::uintptr_t number = 0;
    Page* page = nullptr;
  };
  std::unordered_map<std::uintptr_t, std::unique_ptr<Page>> pages_;
  Cached cache_[256];
};

// The access that the word remembers and `access`, by `thread`, is in a race with.  Remembers it.
std::optional<Access> find_race(Word& word, const Access& access, const Thread& thread,
                                const HappensBefore& order);

}  // namespace gan::emulation
