// The threads of the CPU backend.
#pragma once
#include <algorithm>
#include <cstddef>

namespace gan {

// Set and return the number of threads that the operations use, for the whole program.  Until it is
// set, there are as many as cores and memory allow.
void set_cpu_threads(int threads);
int cpu_threads();

// Work in pieces: call(body, first, last) for ranges that together are [0, n).
struct RangeWork {
  std::size_t n, grain;
  void (*call)(const void* body, std::size_t first, std::size_t last);
  const void* body;

  std::size_t pieces() const { return (n + grain - 1) / grain; }
  void do_piece(std::size_t i) const { call(body, i * grain, std::min(n, (i + 1) * grain)); }
};
void in_parallel(const RangeWork& work);

// Calls body(first, last) for the pieces [0, grain), [grain, 2·grain) … of [0, n), each once, on
// whichever thread takes it; returns when all are done.  The pieces depend on n and grain alone, so
// that the number of threads changes no result.  The caller works on pieces, too, and in the end
// waits only for pieces that are being worked on: a thread that is not scheduled delays nothing.
// The caller does all pieces itself within another body, and while another thread is in this
// function.  `body` must not throw.
template <class Body>
void in_parallel(std::size_t n, std::size_t grain, const Body& body) {
  const auto call = [](const void* what, std::size_t first, std::size_t last) {
    (*static_cast<const Body*>(what))(first, last);
  };
  in_parallel(RangeWork{n, grain, call, &body});
}

namespace detail {
constexpr std::size_t kGrain = 4096;  // values: fewer cost more to hand over than to compute
}  // namespace detail

// The same for operations that do little with each value.
template <class Body>
void for_values(std::size_t n, const Body& body) {
  in_parallel(n, detail::kGrain, body);
}

// The same for rows of `width` values (or columns of that height), in pieces of a multiple of 16
// rows.
template <class Body>
void for_rows(std::size_t rows, std::size_t width, const Body& body) {
  constexpr std::size_t kVector = 16;
  in_parallel(rows, (detail::kGrain / kVector / std::max(width, std::size_t{1}) + 1) * kVector,
              body);
}

}  // namespace gan
