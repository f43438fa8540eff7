// Adding the row of its class to every row, and the gradient: a sum over the rows of each class.
#pragma once
#include <algorithm>

#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"

namespace gan {

template <class T>
void CpuOps<T>::add_embedding(T* y, const T* e, const std::uint8_t* classes, int B, int N) const {
  const auto width = static_cast<std::size_t>(N);
  for_rows(static_cast<std::size_t>(B), width, [=](std::size_t i, std::size_t end) {
    for (; i < end; ++i) add_to_rows(y + i * width, e + classes[i] * width, 1, width);
  });
}

template <class T>
void CpuOps<T>::embedding_gradient(T* de, const T* dy, const std::uint8_t* classes, int B, int N,
                                   int count) const {
  const auto rows = static_cast<std::size_t>(B), width = static_cast<std::size_t>(N);
  std::fill_n(de, static_cast<std::size_t>(count) * width, T{0});
  for (std::size_t i = 0; i < rows; ++i)
    add_to_rows(de + classes[i] * width, dy + i * width, 1, width);
}

}  // namespace gan
