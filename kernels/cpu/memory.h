// Checks that there is enough memory, before it is needed.
#pragma once
#include <cstddef>
#include <string>

namespace gan {

// The address space that a thread needs for its first product: OpenBLAS's buffer of 128 MB, for
// which OpenBLAS waits forever if it cannot have it; before that, glibc's reserves for the thread's
// stack (8 MB) and heap (64 MB); and 8 MB to spare.
inline constexpr std::size_t kProductBuffer = std::size_t{128 + 8 + 64 + 8} << 20;

// Returns whether the program can allocate `bytes` more now.
bool can_have(std::size_t bytes);

// Throws std::runtime_error unless the program can allocate `bytes` more.  The message says that
// `what` needs these bytes and those that the program has now.
void require_memory(std::size_t bytes, const std::string& what);

}  // namespace gan
