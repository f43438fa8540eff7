// Noise, initialisation and the batch order, from Random123's Philox4x32-10.
#pragma once
#include <Random123/philox.h>

#include <algorithm>
#include <array>
#include <numeric>

#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/vector.h"

namespace gan {

// Returns words 4·block … 4·block + 3 of a draw.
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

// The words of some consecutive Philox blocks, transposed for the vectorised loops: word[w][k] is
// word w of block k.
struct Words {
  static constexpr std::size_t kBlocks = 64, kRun = 4 * kBlocks;
  std::uint32_t word[4][kBlocks];
};

// Draws the words of blocks [block, block + kBlocks).
inline void draw_words(Words& words, RandomSource source, std::uint64_t step, std::uint64_t block) {
  for (std::size_t k = 0; k < Words::kBlocks; ++k) {
    const auto drawn = philox(source, step, block + k);
    for (std::size_t w = 0; w < 4; ++w) words.word[w][k] = drawn[w];
  }
}

// Draws out[0 … n) in runs of kRun values; make(values, words) turns the words of a run into
// values[4][kBlocks].
template <class T, class Make>
void draw(T* out, std::size_t n, RandomSource source, std::uint64_t step, Make make) {
  in_parallel(n, 8 * Words::kRun, [=](std::size_t begin, std::size_t end) {
    Words words;
    float values[4][Words::kBlocks];
    for (std::size_t first = begin; first < end; first += Words::kRun) {
      draw_words(words, source, step, first / 4);
      make(values, words);
      for (std::size_t i = 0; i < std::min(Words::kRun, end - first); ++i)
        out[first + i] = static_cast<T>(values[i % 4][i / 4]);
    }
  });
}

GAN_VECTORISED inline void normals(float (&values)[4][Words::kBlocks], const Words& words) {
  for (std::size_t w = 0; w < 4; w += 2)
    for (std::size_t k = 0; k < Words::kBlocks; ++k) {
      const NormalPair pair = box_muller(words.word[w][k], words.word[w + 1][k]);
      values[w][k] = pair.first;
      values[w + 1][k] = pair.second;
    }
}

template <class T>
void CpuOps<T>::normal(T* z, std::size_t n, RandomSource source, const Clock* clock) const {
  draw(z, n, source, clock->step, normals);
}

template <class T>
void CpuOps<T>::uniform_noise(T* z, std::size_t n, T bound, RandomSource source,
                              const Clock* clock) const {
  uniform(z, n, bound, source, clock->step);
}

template <class T>
void CpuOps<T>::uniform(T* w, std::size_t n, T bound, RandomSource source,
                        std::uint64_t step) const {
  draw(w, n, source, step, [bound](float(&values)[4][Words::kBlocks], const Words& words) {
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t k = 0; k < Words::kBlocks; ++k)
        values[i][k] = symmetric_uniform(words.word[i][k], static_cast<float>(bound));
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
                            std::uint64_t step) const {
  auto* const keyed = static_cast<KeyedNumber*>(storage);
  for (std::uint32_t i = 0; i < static_cast<std::uint32_t>(n); ++i) {
    const auto words = philox(source, step, i / 2);
    const std::size_t half = i % 2 * 2;
    keyed[i] = {words[half] | static_cast<std::uint64_t>(words[half + 1]) << 32, i};
  }
  std::sort(keyed, keyed + n, [](const KeyedNumber& a, const KeyedNumber& b) {
    return a.key != b.key ? a.key < b.key : a.number < b.number;
  });
  std::transform(keyed, keyed + n, order, [](const KeyedNumber& k) { return k.number; });
}

}  // namespace gan
