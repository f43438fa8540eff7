// Which bytes of the device's memory were ever written.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gan::emulation {

// Calls f(address of a 4-byte word, those of its bytes that are meant: bit i, byte i) for all words
// of a range.
template <class Function>
void for_each_word(const void* address, std::size_t size, Function f) {
  const auto begin = reinterpret_cast<std::uintptr_t>(address), end = begin + size;
  for (std::uintptr_t word = begin / 4 * 4; word < end; word += 4) {
    const std::uintptr_t first = std::max(begin, word) - word,
                         last = std::min(end, word + 4) - word;
    f(word, static_cast<std::uint8_t>((1u << last) - (1u << first)));
  }
}

class Written {
 public:
  void allocate(const void* address, std::size_t size);
  void free(const void* address);

  // Whether [address, address + size) lies within one allocation.
  bool holds(const void* address, std::size_t size);
  // The written bytes of a word of which an allocation holds at least one byte.
  std::uint8_t& word(std::uintptr_t address);

  // Ranges that an allocation holds.
  void mark(const void* address, std::size_t size);
  void copy(const void* to, const void* from, std::size_t size);
  bool has_all(const void* address, std::size_t size);

  // ", at byte 1028 of an allocation of 1024", or nothing when no allocation is near.
  std::string near(const void* address);

 private:
  struct Allocation {
    std::uintptr_t begin;
    std::size_t size;
    std::vector<std::uint8_t> words;
  };
  // The allocation that begins last before an address, or null.
  Allocation* find(std::uintptr_t address);

  std::map<std::uintptr_t, Allocation> allocations_;
  Allocation* last_ = nullptr;  // most accesses are near the last one
};

}  // namespace gan::emulation
