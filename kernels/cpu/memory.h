// Checks whether there will be enough memory, before it is needed.
#pragma once
#include <cstddef>
#include <string>

namespace gan {

// The address space that a thread takes with its first product: OpenBLAS's buffer of 128 MB, for
// which it waits for ever if it cannot have it; the 8 MB and 64 MB that glibc reserves for the
// thread's stack and heap; and 8 MB to spare.
inline constexpr std::size_t kProductBuffer = std::size_t{128 + 8 + 64 + 8} << 20;

// Whether so many bytes more can be had now.
bool can_have(std::size_t bytes);

// Throws std::runtime_error unless so many bytes more can be had, with the whole figure: `what`
// needs what the program has by now and these.
void require_memory(std::size_t bytes, const std::string& what);

}  // namespace gan
