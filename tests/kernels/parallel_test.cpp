#include "kernels/cpu/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <limits>
#include <mutex>
#include <set>
#include <thread>
#include <tuple>
#include <utility>
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

using Pieces = std::multiset<std::pair<std::size_t, std::size_t>>;

// The same for any number of threads.
TEST_P(Parallel, DoesEveryPieceOnce) {
  for (const std::size_t grain : {1u, 3u, 16u, 100u})
    for (std::size_t n = 0; n < 70; ++n) {
      Pieces expected, done;
      for (std::size_t i = 0; i < n; i += grain) expected.emplace(i, std::min(n, i + grain));
      std::mutex guard;
      in_parallel(n, grain, [&](std::size_t first, std::size_t last) {
        const std::lock_guard lock(guard);
        done.emplace(first, last);
      });
      EXPECT_EQ(done, expected) << n << " by " << grain;
    }
}

// Each waits for the others, so that none has two pieces.
TEST_P(Parallel, GivesEveryThreadWork) {
  std::atomic<int> arrived = 0;
  std::mutex guard;
  std::set<std::thread::id> threads;
  in_parallel(static_cast<std::size_t>(GetParam()), 1, [&](std::size_t, std::size_t) {
    ++arrived;
    while (arrived < GetParam()) std::this_thread::yield();
    const std::lock_guard lock(guard);
    threads.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(threads.size(), static_cast<std::size_t>(GetParam()));
}

// A thread that does not run: it sleeps in the first piece that it takes.
TEST_P(Parallel, IsNotHeldUpByAThreadThatDoesNotRun) {
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<int> by_others = 0;
  for (int turn = 0; turn < 5; ++turn)
    in_parallel(100, 1, [&](std::size_t, std::size_t) {
      if (std::this_thread::get_id() == caller)
        return std::this_thread::sleep_for(std::chrono::microseconds(20));
      ++by_others;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    });
  EXPECT_LE(by_others, 5 * (GetParam() - 1) * 2);
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

// Products of the published networks at batch 128, and ragged ones.
TEST_P(Parallel, ProductsAreThoseOfOneThreadToTheBit) {
  const CpuOps<float> ops;
  for (const auto& [M, N, K] : {std::tuple{256, 784, 256},
                                {256, 64, 784},
                                {784, 256, 128},
                                {64, 784, 256},
                                {37, 311, 129},
                                {385, 3, 1000},
                                {5000, 1, 700}}) {
    const auto at = [](int rows, int columns) {
      return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
    };
    std::vector<float> a(at(M, K)), b(at(K, N)), c(at(M, N)), alone(at(M, N));
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i * 7 % 31) / 31 - 0.5f;
    for (std::size_t i = 0; i < b.size(); ++i) b[i] = static_cast<float>(i * 5 % 29) / 29 - 0.5f;
    for (const Transpose op_a : {Transpose::no, Transpose::yes})
      for (const Transpose op_b : {Transpose::no, Transpose::yes}) {
        set_cpu_threads(1);
        ops.gemm(alone.data(), op_a, a.data(), op_b, b.data(), M, N, K);
        set_cpu_threads(GetParam());
        ops.gemm(c.data(), op_a, a.data(), op_b, b.data(), M, N, K);
        EXPECT_EQ(c, alone) << M << "×" << N << "×" << K;
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, Parallel, ::testing::Values(1, 2, 3, 5));

}  // namespace
}  // namespace gan
