// Maxout units and their gradient.
#pragma once
#include <algorithm>

#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"

namespace gan {

// The number of the largest of a unit's values, the first of equals.
template <class T>
std::size_t largest_piece(const T* z, std::size_t pieces) {
  std::size_t best = 0;
  for (std::size_t k = 1; k < pieces; ++k)
    if (z[k] > z[best]) best = k;
  return best;
}

// Calls each(unit, place of its largest value) for all units of B rows, by rows.
template <class T, class Each>
void for_units(const T* z, int B, int N, int pieces, const Each& each) {
  const auto width = static_cast<std::size_t>(N), count = static_cast<std::size_t>(pieces);
  for_rows(static_cast<std::size_t>(B), width * count, [=](std::size_t r, std::size_t end) {
    for (std::size_t unit = r * width; unit < end * width; ++unit)
      each(unit, unit * count + largest_piece(z + unit * count, count));
  });
}

template <class T>
void CpuOps<T>::bias_maxout(T* y, T* z, const T* b, int B, int N, int pieces) const {
  bias_add(z, b, B, N * pieces);
  for_units(z, B, N, pieces, [=](std::size_t unit, std::size_t place) { y[unit] = z[place]; });
}

template <class T>
void CpuOps<T>::maxout_gradient(T* dz, const T* dy, const T* z, int B, int N, int pieces) const {
  const auto count = static_cast<std::size_t>(pieces);
  for_units(z, B, N, pieces, [=](std::size_t unit, std::size_t place) {
    std::fill_n(dz + unit * count, count, T{0});
    dz[place] = dy[unit];
  });
}

template <class T>
void CpuOps<T>::maxout_select(T* y, const T* x, const T* z, int B, int N, int pieces) const {
  for_units(z, B, N, pieces, [=](std::size_t unit, std::size_t place) { y[unit] = x[place]; });
}

}  // namespace gan
