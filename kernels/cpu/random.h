// Noise, initialisation and the batch order, from Random123's Philox4x32-10.
#pragma once
#include <Random123/philox.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "kernels/cpu/ops.h"

namespace gan {

// Words 4·block … 4·block + 3 of a draw.
inline std::array<std::uint32_t, 4> philox(RandomSource source, std::uint64_t step,
                                           std::uint64_t block) {
  const auto low = [](std::uint64_t x) { return static_cast<std::uint32_t>(x); };
  const auto high = [](std::uint64_t x) { return static_cast<std::uint32_t>(x >> 32); };
  const std::uint64_t subsequence = philox_subsequence(source.stream, step);
  const r123::Philox4x32::ctr_type counter = {
      {low(block), high(block), low(subsequence), high(subsequence)}};
  const r123::Philox4x32::key_type key = {{low(source.seed), high(source.seed)}};
  const auto words = r123::Philox4x32{}(counter, key);
  return {words[0], words[1], words[2], words[3]};
}

// Fills out[0 … n) four at a time with make(words), an array of four values.
template <class T, class Make>
void fill_by_fours(T* out, std::size_t n, RandomSource source, std::uint64_t step, Make make) {
  for (std::size_t i = 0; i < n; i += 4) {
    const std::array<float, 4> values = make(philox(source, step, i / 4));
    for (std::size_t k = 0; k < std::min<std::size_t>(4, n - i); ++k)
      out[i + k] = static_cast<T>(values[k]);
  }
}

template <class T>
void CpuOps<T>::normal(T* z, std::size_t n, RandomSource source, const Clock* clock) const {
  fill_by_fours(z, n, source, clock->step, [](const std::array<std::uint32_t, 4>& words) {
    const NormalPair a = box_muller(words[0], words[1]), b = box_muller(words[2], words[3]);
    return std::array{a.first, a.second, b.first, b.second};
  });
}

template <class T>
void CpuOps<T>::uniform(T* w, std::size_t n, T bound, RandomSource source,
                        std::uint64_t step) const {
  fill_by_fours(w, n, source, step, [bound](const std::array<std::uint32_t, 4>& words) {
    std::array<float, 4> values;
    std::transform(words.begin(), words.end(), values.begin(), [bound](std::uint32_t word) {
      return symmetric_uniform(word, static_cast<float>(bound));
    });
    return values;
  });
}

struct KeyedNumber {
  std::uint64_t key;
  std::uint32_t number;
};

template <class T>
std::size_t CpuOps<T>::permutation_storage(int n) const {
  return static_cast<std::size_t>(n) * sizeof(KeyedNumber);
}

template <class T>
void CpuOps<T>::permutation(std::uint32_t* order, void* storage, int n, RandomSource source,
                            std::uint64_t epoch) const {
  auto* const keyed = static_cast<KeyedNumber*>(storage);
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(n); ++i) {
    const auto words = philox(source, epoch, i / 2);
    const std::size_t half = i % 2 * 2;
    keyed[i] = {words[half] | static_cast<std::uint64_t>(words[half + 1]) << 32, i};
  }
  std::sort(keyed, keyed + n, [](const KeyedNumber& a, const KeyedNumber& b) {
    return a.key != b.key ? a.key < b.key : a.number < b.number;
  });
  std::transform(keyed, keyed + n, order, [](const KeyedNumber& k) { return k.number; });
}

}  // namespace gan
