// Dropout.  Its mask is drawn again wherever it is needed, and stored nowhere.
#pragma once
#include "kernels/cpu/random.h"

namespace gan {

template <class T>
void CpuOps<T>::dropout(T* y, const T* x, std::size_t n, T rate, RandomSource source,
                        const Clock* clock, std::size_t first) const {
  const T scale = 1 / (1 - rate);
  Words words;
  for (std::size_t word = first / 4 * 4; word < first + n; word += Words::kRun) {
    draw_words(words, source, clock->step, word / 4);
    for (std::size_t k = std::max(word, first); k < std::min(word + Words::kRun, first + n); ++k) {
      const bool kept = is_kept(words.word[k % 4][(k - word) / 4], static_cast<float>(rate));
      y[k - first] = kept ? scale * x[k - first] : T{0};
    }
  }
}

}  // namespace gan
