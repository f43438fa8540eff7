// The random numbers themselves: Philox's words against its authors' known answers, the maps to
// floats against the functions of the standard library, and what is drawn against its distribution.
#include <gtest/gtest.h>

#include <bit>

#include <algorithm>
#include <numeric>

#include "kernels/cpu/random.h"
#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Words4 = std::array<std::uint32_t, 4>;

// Stream and step of a 64-bit subsequence.
Words4 words_of(std::uint64_t seed, std::uint64_t subsequence, std::uint64_t block) {
  const auto stream = static_cast<RandomStream>(subsequence >> 48);
  return philox({seed, stream}, subsequence & 0xFFFFFFFFFFFF, block);
}

// Philox4x32-10 in kat_vectors of Random123 1.14: counters of zeros, of ones, of the digits of π.
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(words_of(0, 0, 0), (Words4{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint64_t kOnes = ~std::uint64_t{0};
  EXPECT_EQ(words_of(kOnes, kOnes, kOnes),
            (Words4{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(words_of(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3243f6a88),
            (Words4{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Uniform, IsWordByWordTheMapOfPhilox) {
  constexpr RandomSource kSource{7, RandomStream::generator_weights};
  Values w(1000);
  reference.uniform(w.data(), w.size(), 0.5, kSource, 3);
  for (std::size_t i = 0; i < w.size(); ++i)
    ASSERT_EQ(w[i], symmetric_uniform(philox(kSource, 3, i / 4)[i % 4], 0.5f)) << i;
}

TEST(Uniform, StaysInsideItsBound) {
  EXPECT_EQ(unit_uniform(0), 0x1p-24f);
  EXPECT_EQ(unit_uniform(~0u), 1 - 0x1p-24f);
  EXPECT_LT(symmetric_uniform(~0u, 0.1f), 0.1f);
  EXPECT_GT(symmetric_uniform(0, 0.1f), -0.1f);
}

TEST(Uniform, HasItsMoments) {
  Values w(1'000'000);
  reference.uniform(w.data(), w.size(), 1, {1, RandomStream::generator_weights}, 0);
  const double n = static_cast<double>(w.size());
  EXPECT_NEAR(std::accumulate(w.begin(), w.end(), 0.0) / n, 0, 4 / std::sqrt(3 * n));
  // The variance of w² is 4/45.
  EXPECT_NEAR(std::inner_product(w.begin(), w.end(), w.begin(), 0.0) / n, 1.0 / 3,
              4 * std::sqrt(4.0 / 45 / n));
}

TEST(BoxMuller, LogarithmErrsByTwoUnitsAtMost) {
  for (std::uint32_t i = 0; i < 1u << 20; ++i) {
    const std::uint32_t word = i < 1u << 19 ? i << 9 : i << 12;  // near 0, and over all of (0, 1)
    const float u = unit_uniform(word);
    const double exact = std::log(static_cast<double>(u));
    ASSERT_NEAR(log_unit(u), exact, tolerance::ulps(2) * std::abs(exact)) << u;
  }
  EXPECT_LT(log_unit(unit_uniform(~0u)), 0) << "its root must be real";
}

TEST(BoxMuller, TurnsTwoWordsIntoAPointOnACircle) {
  constexpr double kTurn = 6.283185307179586;
  std::mt19937 words(1);
  for (int i = 0; i < 1'000'000; ++i) {
    const auto word1 = static_cast<std::uint32_t>(words());
    const auto word2 = static_cast<std::uint32_t>(words());
    const NormalPair pair = box_muller(word1, word2);
    const double radius = std::sqrt(-2 * std::log(static_cast<double>(unit_uniform(word1))));
    const double angle = kTurn * static_cast<double>(unit_uniform(word2));
    ASSERT_NEAR(pair.first, radius * std::cos(angle), 1e-6);
    ASSERT_NEAR(pair.second, radius * std::sin(angle), 1e-6);
  }
}

TEST(Normal, PairsTheWordsOfABlock) {
  constexpr RandomSource kSource{7, RandomStream::latent};
  constexpr Clock kClock{5, 0, 0, 0};
  Values z(1000);
  reference.normal(z.data(), z.size(), kSource, &kClock);
  for (std::size_t i = 0; i < z.size(); ++i) {
    const Words4 words = philox(kSource, 5, i / 4);
    const NormalPair pair = box_muller(words[i % 4 / 2 * 2], words[i % 4 / 2 * 2 + 1]);
    ASSERT_EQ(z[i], i % 2 == 0 ? pair.first : pair.second) << i;
  }
}

// The bits of a million draws, as this test first saw them: a seed gives the same noise in every
// version and on every machine.
TEST(Normal, IsTheSameInEveryVersion) {
  constexpr Clock kClock{0, 0, 0, 0};
  std::vector<float> z(1'000'000);
  CpuOps<float>().normal(z.data(), z.size(), {1, RandomStream::latent}, &kClock);
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a (RFC 9923), a word at a time
  for (const float value : z) hash = (hash ^ std::bit_cast<std::uint32_t>(value)) * 0x100000001b3;
  EXPECT_EQ(hash, 4215923276763272461u);
  // Where the logarithm's mantissa begins again: the float below √½.
  EXPECT_EQ(std::bit_cast<std::uint32_t>(log_unit(std::bit_cast<float>(0x3f3504f3u))), 0xbeb17218u);
}

// Bounds of four standard errors each; the draws are fixed, so this passes always or never.
TEST(Normal, HasItsDistribution) {
  constexpr Clock kClock{0, 0, 0, 0};
  Values z(1'000'000);
  reference.normal(z.data(), z.size(), {1, RandomStream::latent}, &kClock);
  const double n = static_cast<double>(z.size());
  double mean = 0, second = 0, third = 0, fourth = 0, neighbours = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double square = z[i] * z[i];
    mean += z[i] / n;
    second += square / n;
    third += square * z[i] / n;
    fourth += square * square / n;
    neighbours += z[i] * z[(i + 1) % z.size()] / n;
  }
  const double error = 4 / std::sqrt(n);
  EXPECT_NEAR(mean, 0, error);
  EXPECT_NEAR(second, 1, error * std::sqrt(2));
  EXPECT_NEAR(third, 0, error * std::sqrt(15));
  EXPECT_NEAR(fourth, 3, error * std::sqrt(96));
  EXPECT_NEAR(neighbours, 0, error);

  // Kolmogorov and Smirnov: √n·D exceeds 1.95 once in a thousand draws.
  std::sort(z.begin(), z.end());
  double distance = 0;
  for (std::size_t i = 0; i < z.size(); ++i) {
    const double probability = 0.5 * std::erfc(-z[i] / std::sqrt(2));
    distance = std::max(distance, std::abs(probability - (static_cast<double>(i) + 0.5) / n));
  }
  EXPECT_LT(distance * std::sqrt(n), 1.95);
}

// The permutation of seed 1.
std::vector<std::uint32_t> permutation(std::uint32_t n, std::uint64_t epoch) {
  std::vector<std::uint32_t> order(n);
  std::vector<KeyedNumber> storage(n);
  EXPECT_EQ(reference.permutation_storage(static_cast<int>(n)), n * sizeof(KeyedNumber));
  reference.permutation(order.data(), storage.data(), static_cast<int>(n),
                        {1, RandomStream::batch_order}, epoch);
  return order;
}

TEST(Permutation, HasEveryNumberOnceAndIsAnotherEachEpoch) {
  constexpr std::uint32_t kCount = 60'000;
  std::vector<std::uint32_t> order = permutation(kCount, 0), next = permutation(kCount, 1);
  std::uint32_t same_place = 0, in_place = 0;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    same_place += order[i] == next[i];
    in_place += order[i] == i;
  }
  EXPECT_LT(same_place, 10u);  // the expectation of both is 1
  EXPECT_LT(in_place, 10u);
  std::sort(order.begin(), order.end());
  for (std::uint32_t i = 0; i < kCount; ++i) ASSERT_EQ(order[i], i);
}

// Three pairs of these keys differ in their lower words alone.
TEST(Permutation, SortsByTheKeysOfPhilox) {
  constexpr RandomSource kSource{0x9E3779B97F4A7C15, RandomStream::latent};
  constexpr int kCount = 60'001;
  std::vector<std::uint32_t> order(kCount);
  std::vector<KeyedNumber> storage(kCount);
  reference.permutation(order.data(), storage.data(), kCount, kSource, 2);
  const auto key = [&](std::uint32_t i) {
    const Words4 words = philox(kSource, 2, i / 2);
    return words[i % 2 * 2] + (static_cast<std::uint64_t>(words[i % 2 * 2 + 1]) << 32);
  };
  for (std::size_t i = 1; i < order.size(); ++i) ASSERT_LT(key(order[i - 1]), key(order[i]));
}

// So that a later version trains on the batches of an earlier one.
TEST(Permutation, NeverChanges) {
  EXPECT_EQ(permutation(8, 0), (std::vector<std::uint32_t>{7, 1, 5, 3, 2, 4, 6, 0}));
}

}  // namespace
}  // namespace gan
