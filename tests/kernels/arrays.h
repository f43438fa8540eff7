// Arrays in a backend's memory that notice when an operation leaves them.
#pragma once
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

namespace gan {

// Numbers that a float holds exactly: what an operation is given and gives, on any backend.
using Values = std::vector<double>;

// Floats in [low, high), without any order that could hide exchanged indices.
inline Values random_values(std::size_t n, std::uint32_t seed, double low = -1, double high = 1) {
  std::mt19937 words(seed);
  Values values(n);
  for (double& value : values) value = static_cast<float>(low + (high - low) * words() * 0x1p-32);
  return values;
}

// Where an array begins: as allocated, or at an address that is a multiple of its type alone.
enum class Start { aligned, offset };

// What an operation reads.  The array ends where its memory ends, so that memory checkers see any
// read beyond it.
template <class B, class T = typename B::Real>
class Input {
 public:
  template <class U>
  Input(const B& backend, const std::vector<U>& values, Start start = Start::offset)
      : first_(start == Start::aligned ? 0 : 3),
        memory_(backend.template allocate<T>(first_ + values.size())) {
    const std::vector<T> converted(values.begin(), values.end());
    backend.upload(get(), converted.data(), converted.size());
  }
  T* get() const { return memory_.get() + first_; }

 private:
  std::size_t first_;
  typename B::template Array<T> memory_;
};

// What an operation writes: an array between two guards, which read() finds untouched.
template <class B, class T = typename B::Real>
class Output {
 public:
  // With the values that the operation updates.
  template <class U>
  Output(const B& backend, const std::vector<U>& values, Start start = Start::offset)
      : Output(backend, values.size(), start) {
    const std::vector<T> converted(values.begin(), values.end());
    backend.upload(get(), converted.data(), n_);
  }
  // With n values that are NaN, or the largest number of their type.
  Output(const B& backend, std::size_t n, Start start = Start::offset)
      : backend_(backend),
        first_(start == Start::aligned ? 64 : 67),
        n_(n),
        memory_(backend.template allocate<T>(first_ + n + kGuard)) {
    std::vector<T> all(first_ + n + kGuard);
    std::memset(static_cast<void*>(all.data()), kUntouched, all.size() * sizeof(T));
    std::memset(static_cast<void*>(all.data() + first_), 0xFF, n * sizeof(T));
    backend.upload(memory_.get(), all.data(), all.size());
  }

  T* get() const { return memory_.get() + first_; }

  std::vector<T> read() const {
    std::vector<T> all(first_ + n_ + kGuard);
    backend_.download(all.data(), memory_.get(), all.size());
    EXPECT_TRUE(untouched(all.data(), first_)) << "written in front of an array of " << n_;
    EXPECT_TRUE(untouched(all.data() + first_ + n_, kGuard)) << "written behind an array of " << n_;
    return {all.data() + first_, all.data() + first_ + n_};
  }

  Values values() const {
    const std::vector<T> all = read();
    return {all.begin(), all.end()};
  }

 private:
  static constexpr std::size_t kGuard = 64;
  static constexpr unsigned char kUntouched = 0xBC;  // floats of -0.02, which any update changes

  static bool untouched(const T* guard, std::size_t n) {
    const auto* const bytes = reinterpret_cast<const unsigned char*>(guard);
    return std::all_of(bytes, bytes + n * sizeof(T), [](auto byte) { return byte == kUntouched; });
  }

  const B& backend_;
  std::size_t first_, n_;
  typename B::template Array<T> memory_;
};

}  // namespace gan
