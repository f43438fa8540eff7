// Memory that is there before it is needed.
#pragma once
#include <cstddef>
#include <string>

namespace gan {

// What OpenBLAS asks for on every thread that has a product, and waits for without end when it
// cannot have it.
inline constexpr std::size_t kProductBuffer = std::size_t{128} << 20;

// Whether so many bytes more can be had now.
bool can_have(std::size_t bytes);

// Throws std::runtime_error unless so many bytes more can be had, with the whole figure: `what`
// needs what the program has by now and these.
void require_memory(std::size_t bytes, const std::string& what);

}  // namespace gan
