// Memory that starts as 0xFF: what was never written is a NaN, and -1 as an integer.
//
// Under AddressSanitizer it is of exactly the size asked for, so that both ends are seen. Otherwise
// there is slack on both sides: an overrun that the checker reports must not break the program.
#pragma once
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

namespace gan::emulation {

inline constexpr std::size_t kBufferAlignment = 256;  // as of cudaMalloc
#ifdef __SANITIZE_ADDRESS__
inline constexpr std::size_t kBufferSlack = 0;
#else
inline constexpr std::size_t kBufferSlack = kBufferAlignment;
#endif

struct FreeBuffer {
  void operator()(char* bytes) const { std::free(bytes - kBufferSlack); }
};
using Buffer = std::unique_ptr<char[], FreeBuffer>;

// Null for no bytes.
inline Buffer make_buffer(std::size_t bytes) {
  if (bytes == 0) return nullptr;
  void* memory = nullptr;
  if (posix_memalign(&memory, kBufferAlignment, bytes + 2 * kBufferSlack) != 0)
    throw std::bad_alloc();
  std::memset(memory, 0xff, bytes + 2 * kBufferSlack);
  return Buffer(static_cast<char*>(memory) + kBufferSlack);
}

}  // namespace gan::emulation
