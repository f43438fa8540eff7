// Adding a bias to every row, and its gradient: a sum over the rows.
#pragma once
#include <algorithm>

#include "kernels/cpu/activations.h"
#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector.h"

namespace gan {

template <class T>
GAN_VECTORISED void add_to_rows(T* y, const T* b, std::size_t rows, std::size_t width) {
  for (std::size_t i = 0; i < rows; ++i, y += width)
    for (std::size_t j = 0; j < width; ++j) y[j] += b[j];
}
template <class T>
void CpuOps<T>::bias_add(T* y, const T* b, int B, int N) const {
  const auto width = static_cast<std::size_t>(N);
  for_rows(static_cast<std::size_t>(B), width,
           [=](std::size_t i, std::size_t end) { add_to_rows(y + i * width, b, end - i, width); });
}

template <class T>
GAN_VECTORISED void relu_of_rows(T* y, const T* b, std::size_t rows, std::size_t width, T slope) {
  for (std::size_t i = 0; i < rows; ++i, y += width)
    for (std::size_t j = 0; j < width; ++j) y[j] = leaky(y[j] + b[j], slope);
}
template <class T>
void CpuOps<T>::bias_relu(T* y, const T* b, int B, int N, T slope) const {
  const auto width = static_cast<std::size_t>(N);
  for_rows(static_cast<std::size_t>(B), width, [=](std::size_t i, std::size_t end) {
    relu_of_rows(y + i * width, b, end - i, width, slope);
  });
}

template <class T>
GAN_VECTORISED void sigmoid_of_rows(T* y, const T* b, std::size_t rows, std::size_t width) {
  for (std::size_t i = 0; i < rows; ++i, y += width)
    for (std::size_t j = 0; j < width; ++j) y[j] = sigmoid_of(y[j] + b[j]);
}
template <class T>
void CpuOps<T>::bias_sigmoid(T* y, const T* b, int B, int N) const {
  const auto width = static_cast<std::size_t>(N);
  for_rows(static_cast<std::size_t>(B), width, [=](std::size_t i, std::size_t end) {
    sigmoid_of_rows(y + i * width, b, end - i, width);
  });
}

// Computes db_j = Σᵢ dy_ij for `columns` columns of rows that are `width` long, from the first row
// to the last.
template <class T>
GAN_VECTORISED void sum_columns(T* db, const T* dy, std::size_t rows, std::size_t columns,
                                std::size_t width) {
  std::fill_n(db, columns, T{0});
  for (std::size_t i = 0; i < rows; ++i, dy += width)
    for (std::size_t j = 0; j < columns; ++j) db[j] += dy[j];
}
template <class T>
void CpuOps<T>::bias_gradient(T* db, const T* dy, int B, int N) const {
  const auto rows = static_cast<std::size_t>(B), width = static_cast<std::size_t>(N);
  for_rows(width, rows, [=](std::size_t j, std::size_t end) {
    sum_columns(db + j, dy + j, rows, end - j, width);
  });
}

}  // namespace gan
