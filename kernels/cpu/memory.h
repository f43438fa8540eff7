// Memory that is there before it is needed.
#pragma once
#include <cstddef>
#include <string>

namespace gan {

// What OpenBLAS asks for on every thread that has a product, 128 MB, and waits for without end when
// it cannot have it; with the stack and the heap that the thread takes first, of which glibc
// reserves 8 MB and 64 MB.
inline constexpr std::size_t kProductBuffer = std::size_t{128 + 8 + 64 + 8} << 20;

// Whether so many bytes more can be had now.
bool can_have(std::size_t bytes);

// Throws std::runtime_error unless so many bytes more can be had, with the whole figure: `what`
// needs what the program has by now and these.
void require_memory(std::size_t bytes, const std::string& what);

}  // namespace gan
