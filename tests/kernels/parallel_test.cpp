#include "kernels/cpu/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>
#include <vector>

#include "kernels/cpu/denormals.h"
#include "kernels/cpu/ops.h"

namespace gan {
namespace {

class Parallel : public ::testing::TestWithParam<int> {
 protected:
  void SetUp() override { set_cpu_threads(GetParam()); }
  void TearDown() override { set_cpu_threads(1); }
};

// How often each number of [0, n) is visited, and the lengths of the ranges.
std::vector<int> visits(std::size_t n, std::size_t grain, std::multiset<std::size_t>& lengths) {
  std::vector<int> seen(n);
  std::mutex guard;
  in_parallel(n, grain, [&](std::size_t first, std::size_t last) {
    const std::lock_guard lock(guard);
    lengths.insert(last - first);
    for (std::size_t i = first; i < last; ++i) ++seen[i];
  });
  return seen;
}

TEST_P(Parallel, VisitsEveryNumberOnce) {
  for (const std::size_t grain : {1u, 3u, 16u, 100u})
    for (std::size_t n = 0; n < 70; ++n) {
      std::multiset<std::size_t> lengths;
      EXPECT_EQ(visits(n, grain, lengths), std::vector<int>(n, 1)) << n << " by " << grain;
      EXPECT_LE(lengths.size(), static_cast<std::size_t>(GetParam()));
      const auto broken = [&](std::size_t length) { return length % grain != 0; };
      EXPECT_LE(std::count_if(lengths.begin(), lengths.end(), broken), 1);
    }
}

TEST_P(Parallel, SharesWhatIsLargeEnough) {
  std::multiset<std::size_t> lengths;
  visits(1000, 1, lengths);
  EXPECT_EQ(lengths.size(), static_cast<std::size_t>(GetParam()));
  lengths.clear();
  visits(1000, 1000, lengths);
  EXPECT_EQ(lengths, std::multiset<std::size_t>{1000});
}

TEST_P(Parallel, KeepsInOrderFromPieceToPiece) {
  std::vector<int> values(1000);
  for (int turn = 0; turn < 3000; ++turn)
    in_parallel(values.size(), 1, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) values[i] += values[i] == turn ? 1 : 1000;
    });
  EXPECT_EQ(values, std::vector<int>(1000, 3000));
}

TEST_P(Parallel, IsDoneAloneWithinAnother) {
  std::atomic<int> sum = 0;
  in_parallel(10, 1, [&](std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i)
      in_parallel(10, 1, [&](std::size_t a, std::size_t b) { sum += static_cast<int>(b - a); });
  });
  EXPECT_EQ(sum, 100);
}

TEST_P(Parallel, ServesSeveralThreadsAtOnce) {
  std::atomic<int> sum = 0;
  {
    std::vector<std::jthread> callers;
    callers.reserve(3);
    for (int t = 0; t < 3; ++t)
      callers.emplace_back([&] {
        for (int turn = 0; turn < 200; ++turn)
          in_parallel(64, 1, [&](std::size_t a, std::size_t b) { sum += static_cast<int>(b - a); });
      });
  }
  EXPECT_EQ(sum, 3 * 200 * 64);
}

TEST_P(Parallel, FlushesDenormalsOnEveryThreadOrNone) {
  const auto halves_of_the_least = [] {
    std::vector<float> values(64, std::numeric_limits<float>::min());
    in_parallel(values.size(), 1, [&](std::size_t first, std::size_t last) {
      for (std::size_t i = first; i < last; ++i) values[i] *= 0.5f;
    });
    return std::set(values.begin(), values.end());
  };
  if (floating_point_control() == 0) GTEST_SKIP() << "denormals stay on this processor";
  {
    const FlushDenormals flush;
    EXPECT_EQ(halves_of_the_least(), std::set{0.0f});
  }
  EXPECT_EQ(halves_of_the_least(), std::set{std::numeric_limits<float>::min() / 2});
}

// A product as large as the generator's, and one that is wider than high.
TEST_P(Parallel, ProductsAreThoseOfOneThread) {
  const CpuOps<double> ops;
  for (const auto& [M, N, K] : {std::tuple{256, 784, 256}, {784, 100, 64}, {37, 311, 129}}) {
    const auto at = [](int rows, int columns) {
      return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
    };
    std::vector<double> a(at(M, K)), b(at(K, N)), c(at(M, N)), alone(at(M, N));
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<double>(i * 7 % 31) - 15;
    for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<double>(i * 5 % 29) - 14;
    for (const Transpose op_a : {Transpose::no, Transpose::yes})
      for (const Transpose op_b : {Transpose::no, Transpose::yes}) {
        set_cpu_threads(1);
        ops.gemm(alone.data(), op_a, a.data(), op_b, b.data(), M, N, K);
        set_cpu_threads(GetParam());
        ops.gemm(c.data(), op_a, a.data(), op_b, b.data(), M, N, K);
        EXPECT_EQ(c, alone);  // whole numbers: exact in any order
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, Parallel, ::testing::Values(1, 2, 3, 5));

}  // namespace
}  // namespace gan
