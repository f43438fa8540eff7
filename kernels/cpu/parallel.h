// The threads of the CPU backend.
#pragma once
#include <algorithm>
#include <cstddef>

namespace gan {

// Threads of the operations, for the whole program; all cores until it is called.
void set_cpu_threads(int threads);

// A piece of work: call(body, first, last) for ranges that make up [0, n).
struct RangeWork {
  std::size_t n, grain;
  void (*call)(const void* body, std::size_t first, std::size_t last);
  const void* body;
};
void in_parallel(const RangeWork& work);

// body(first, last) for ranges that make up [0, n), a thread each, all but the last multiples of
// `grain` long; returns when all are done.  It is one call of body(0, n) if n ≤ grain, within
// another body, and while another thread is in here.  `body` must not throw.
template <class Body>
void in_parallel(std::size_t n, std::size_t grain, const Body& body) {
  const auto call = [](const void* what, std::size_t first, std::size_t last) {
    (*static_cast<const Body*>(what))(first, last);
  };
  in_parallel(RangeWork{n, grain, call, &body});
}

namespace detail {
constexpr std::size_t kGrain = 4096;  // values: fewer are not worth the other threads' attention
}  // namespace detail

// The same for operations that do little with each value.
template <class Body>
void for_values(std::size_t n, const Body& body) {
  in_parallel(n, detail::kGrain, body);
}

// The same for rows of `width` values.
template <class Body>
void for_rows(std::size_t rows, std::size_t width, const Body& body) {
  in_parallel(rows, detail::kGrain / std::max(width, std::size_t{1}) + 1, body);
}

}  // namespace gan
