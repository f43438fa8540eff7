// Weights, images and noise from a formula in whole numbers, which tools/make_golden_trace.py
// computes as well, to the bit.
#pragma once
#include <cmath>
#include <cstdint>
#include <vector>

#include "host/model/network_shape.h"

namespace gan::model {

inline std::uint64_t formula_word(std::uint64_t series, std::uint64_t i) {
  const std::uint64_t k = 4096 * series + i;
  return (31 * k * k + 977 * k) % 10007;
}

// In [-1, 1).
inline double formula(std::uint64_t series, std::uint64_t i) {
  return static_cast<double>(formula_word(series, i)) / 10007 * 2 - 1;
}

// The parts of a run: what each series is for.
inline constexpr std::uint64_t kGeneratorSeries = 0;       // + the number of the tensor
inline constexpr std::uint64_t kDiscriminatorSeries = 20;  // + the number of the tensor
inline constexpr std::uint64_t kImageSeries = 40;
inline constexpr std::uint64_t kChecksumSeries = 60;  // + the number of the checksum
inline constexpr std::uint64_t kNoiseSeries = 100;    // + the number of the step
inline constexpr std::uint64_t kShareSeries = 300;    // + the number of the step
inline constexpr std::uint64_t kMaskSeries = 400;     // + the number of the step

// An arena of weights within U(±1/√in)'s bounds.
template <class Real>
std::vector<Real> formula_weights(const NetworkShape& shape, std::uint64_t series) {
  std::vector<Real> arena(shape.arena, 0);
  const std::vector<NamedTensor> tensors = shape.tensors();
  for (std::size_t t = 0; t < tensors.size(); ++t) {
    const bool is_embedding = t / 2 == shape.layers.size();
    const Layer& layer = is_embedding ? shape.layers.front() : shape.layers[t / 2];
    const double bound = 1 / std::sqrt(static_cast<double>(layer.in));
    for (std::size_t i = 0; i < tensors[t].size(); ++i)
      arena[tensors[t].offset + i] = static_cast<Real>(bound * formula(series + t, i));
  }
  return arena;
}

inline std::vector<std::uint8_t> formula_images(std::size_t n) {
  std::vector<std::uint8_t> pixels(n);
  for (std::size_t i = 0; i < n; ++i)
    pixels[i] = static_cast<std::uint8_t>(formula_word(kImageSeries, i) % 256);
  return pixels;
}

// The backend B with noise, shares of real images and dropout masks from the formula, instead of
// its own.
template <class B>
class FormulaNoise : public B {
 public:
  using B::B;
  using Real = typename B::Real;

  void normal(Real* z, std::size_t n, RandomSource, const Clock* clock) const {
    const std::uint64_t step = downloaded(clock, 1).front().step;
    std::vector<Real> values(n);
    for (std::size_t i = 0; i < n; ++i)
      values[i] = static_cast<Real>(2 * formula(kNoiseSeries + step, i));
    this->upload(z, values.data(), n);
  }

  void uniform_noise(Real* z, std::size_t n, Real, RandomSource source, const Clock* clock) const {
    normal(z, n, source, clock);
  }

  void dropout(Real* y, const Real* x, std::size_t n, Real rate, RandomSource, const Clock* clock,
               std::size_t first) const {
    const std::uint64_t step = downloaded(clock, 1).front().step;
    std::vector<Real> values = downloaded(x, n);
    for (std::size_t i = 0; i < n; ++i) {
      const double u = (formula(kMaskSeries + step, first + i) + 1) / 2;
      values[i] = u >= static_cast<double>(rate) ? values[i] / (1 - rate) : Real{0};
    }
    this->upload(y, values.data(), n);
  }

  void interpolate(Real* x, const Real* a, const Real* b, int rows, int N, RandomSource,
                   const Clock* clock) const {
    const std::uint64_t step = downloaded(clock, 1).front().step;
    const std::size_t width = static_cast<std::size_t>(N),
                      n = static_cast<std::size_t>(rows) * width;
    std::vector<Real> first = downloaded(a, n);
    const std::vector<Real> second = downloaded(b, n);
    for (std::size_t i = 0; i < n; ++i) {
      const Real share = static_cast<Real>((formula(kShareSeries + step, i / width) + 1) / 2);
      first[i] = share * first[i] + (1 - share) * second[i];
    }
    this->upload(x, first.data(), n);
  }

 private:
  template <class T>
  std::vector<T> downloaded(const T* values, std::size_t n) const {
    std::vector<T> host(n);
    this->download(host.data(), values, n);
    return host;
  }
};

}  // namespace gan::model
