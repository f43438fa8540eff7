// ReLU, Sigmoid and their gradients.
#pragma once
#include <cmath>

#include "kernels/cpu/ops.h"

namespace gan {

// 1/(1 + e⁻ˣ) through e^-|x|, which cannot overflow.
template <class T>
T sigmoid_of(T x) {
  const T e = std::exp(-std::abs(x));
  return (x >= 0 ? T{1} : e) / (1 + e);
}

template <class T>
void CpuOps<T>::relu(T* y, const T* x, std::size_t n) const {
  for (std::size_t i = 0; i < n; ++i) y[i] = x[i] > 0 ? x[i] : T{0};
}

template <class T>
void CpuOps<T>::relu_gradient(T* dx, const T* dy, const T* y, std::size_t n) const {
  for (std::size_t i = 0; i < n; ++i) dx[i] = y[i] > 0 ? dy[i] : T{0};
}

template <class T>
void CpuOps<T>::sigmoid(T* y, const T* x, std::size_t n) const {
  for (std::size_t i = 0; i < n; ++i) y[i] = sigmoid_of(x[i]);
}

template <class T>
void CpuOps<T>::sigmoid_gradient(T* dx, const T* dy, const T* y, std::size_t n) const {
  for (std::size_t i = 0; i < n; ++i) dx[i] = dy[i] * y[i] * (1 - y[i]);
}

}  // namespace gan
