// Stands instead of the toolkit's header: reduce over a tile, as a butterfly of shuffles.
#pragma once
#include <cooperative_groups.h>

namespace cooperative_groups {

template <class T>
struct plus {
  T operator()(T x, T y) const { return x + y; }
};
template <class T>
struct greater {
  T operator()(T x, T y) const { return x < y ? y : x; }
};
template <class T>
struct less {
  T operator()(T x, T y) const { return y < x ? y : x; }
};

template <unsigned Size, class Parent, class T, class Operation>
T reduce(const thread_block_tile<Size, Parent>& tile, T value, Operation operation, GAN_AT) {
  for (unsigned distance = Size / 2; distance > 0; distance /= 2)
    value = operation(value, tile.shfl_xor(value, static_cast<int>(distance), at));
  return value;
}

}  // namespace cooperative_groups
