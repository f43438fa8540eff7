// ReLU, LeakyReLU and Sigmoid of a value, and their gradients over an array.
#pragma once
#include <cmath>
#include <cstring>

#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector.h"

namespace gan {

// Returns eˣ for x ≤ 0, in operations that vectorise: x = q·ln 2 + r with |r| ≤ ½ ln 2, and the
// Taylor series of eʳ, exact to 2 units in the last place.  Below -87 the result stays at e⁻⁸⁷,
// close to the smallest normal float.
inline float exp_nonpositive(float argument) {
  constexpr float kLn2High = 0.693359375f,
                  kLn2Low = -2.12194440e-4f;  // q·high is exact, high + low = ln 2
  const float x = argument > -87.0f ? argument : -87.0f;
  const std::int32_t q = static_cast<std::int32_t>(x * 1.44269504f - 0.5f);
  const float r = (x - static_cast<float>(q) * kLn2High) - static_cast<float>(q) * kLn2Low;
  const float tail = 1.0f / 24 + r * (1.0f / 120 + r * (1.0f / 720 + r * (1.0f / 5040)));
  const float series = 1.0f + r * (1.0f + r * (0.5f + r * (1.0f / 6 + r * tail)));
  const std::int32_t power_bits = (q + 127) * (1 << 23);
  float power;
  std::memcpy(&power, &power_bits, sizeof power);
  return std::isnan(argument) ? argument : series * power;
}
inline double exp_nonpositive(double x) {
  return std::exp(x);
}

// Returns 1/(1 + e⁻ˣ), computed from e^-|x|, which cannot overflow.
template <class T>
T sigmoid_of(T x) {
  const T e = exp_nonpositive(-std::abs(x));
  return (x >= 0 ? T{1} : e) / (1 + e);
}

template <class T>
T leaky(T x, T slope) {
  return x > 0 ? x : slope * x;
}

template <class T>
GAN_VECTORISED void relu_gradient_values(T* dx, const T* dy, const T* y, std::size_t n, T slope) {
  for (std::size_t i = 0; i < n; ++i) dx[i] = y[i] > 0 ? dy[i] : slope * dy[i];
}
template <class T>
void CpuOps<T>::relu_gradient(T* dx, const T* dy, const T* y, std::size_t n, T slope) const {
  for_values(n, [=](std::size_t i, std::size_t end) {
    relu_gradient_values(dx + i, dy + i, y + i, end - i, slope);
  });
}

template <class T>
GAN_VECTORISED void sigmoid_gradient_values(T* dx, const T* dy, const T* y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) dx[i] = dy[i] * y[i] * (1 - y[i]);
}
template <class T>
void CpuOps<T>::sigmoid_gradient(T* dx, const T* dy, const T* y, std::size_t n) const {
  for_values(n, [=](std::size_t i, std::size_t end) {
    sigmoid_gradient_values(dx + i, dy + i, y + i, end - i);
  });
}

}  // namespace gan
