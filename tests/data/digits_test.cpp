#include "host/data/digits.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <numeric>
#include <span>
#include <utility>

#include "host/data/dataset.h"

namespace gan::data {
namespace {

constexpr std::size_t kPixels = 28 * 28;

std::span<const std::uint8_t> image(const Images& images, std::size_t i) {
  return std::span(images.pixels).subspan(i * kPixels, kPixels);
}

// FNV-1a, 64 bits.
std::uint64_t hash(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0xcbf29ce484222325;
  for (const std::uint8_t byte : bytes) value = (value ^ byte) * 0x100000001b3;
  return value;
}

TEST(Digits, AreTheSameOnEveryMachine) {
  EXPECT_EQ(hash(draw_digits(Split::train, 100, 1).pixels), 15061087094273184952u);
  EXPECT_EQ(hash(draw_digits(Split::test, 100, 1).pixels), 14825706368805474957u);
  EXPECT_EQ(hash(digit_labels(Split::train, 100)), 7899790145841294425u);
}

TEST(Digits, DependOnNeitherThreadsNorCount) {
  const Images one = draw_digits(Split::train, 301, 1);
  for (const unsigned threads : {0u, 2u, 3u, 400u}) {
    EXPECT_EQ(draw_digits(Split::train, 301, threads).pixels, one.pixels) << threads;
  }
  const Images fewer = draw_digits(Split::train, 57, 1);
  EXPECT_TRUE(std::equal(fewer.pixels.begin(), fewer.pixels.end(), one.pixels.begin()));
}

TEST(Digits, ClassesAreBalancedAndShuffled) {
  const auto labels = digit_labels(Split::train, 1000);
  std::array<int, 10> count{};
  std::array<int, 10> count_at_front{};
  for (std::size_t i = 0; i < labels.size(); ++i) {
    ++count.at(labels[i]);
    if (i % 10 == 0) ++count_at_front.at(labels[i]);
  }
  for (int digit = 0; digit < 10; ++digit) {
    EXPECT_EQ(count.at(digit), 100);
    EXPECT_GT(count_at_front.at(digit), 0);
    EXPECT_LT(count_at_front.at(digit), 30);
  }
  EXPECT_NE(digit_labels(Split::test, 1000), labels);
}

TEST(Digits, AreAllDifferent) {
  std::vector<std::uint64_t> hashes;
  for (const Split split : {Split::train, Split::test}) {
    const Images images = draw_digits(split, 2000, 2);
    for (std::size_t i = 0; i < 2000; ++i) hashes.push_back(hash(image(images, i)));
  }
  std::sort(hashes.begin(), hashes.end());
  EXPECT_EQ(std::adjacent_find(hashes.begin(), hashes.end()), hashes.end());
}

// MNIST's variance, summed over the pixels with values in [0, 1], is 53.
TEST(Digits, AreDiverse) {
  constexpr std::size_t count = 1000;
  const Images images = draw_digits(Split::train, count, 2);
  double variance = 0;
  for (std::size_t pixel = 0; pixel < kPixels; ++pixel) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double value = image(images, i)[pixel] / 255.0;
      sum += value;
      squares += value * value;
    }
    variance += squares / count - sum / count * (sum / count);
  }
  EXPECT_GT(variance, 40);
  EXPECT_LT(variance, 60);
}

TEST(Digits, AreFramedAsInMnist) {
  constexpr std::size_t count = 1000;
  const Images images = draw_digits(Split::train, count, 2);
  for (std::size_t i = 0; i < count; ++i) {
    const auto pixels = image(images, i);
    double mass = 0, x = 0, y = 0;
    for (std::size_t p = 0; p < kPixels; ++p) {
      const std::size_t row = p / 28, column = p % 28;
      mass += pixels[p];
      x += pixels[p] * (static_cast<double>(column) + 0.5);
      y += pixels[p] * (static_cast<double>(row) + 0.5);
      if (row == 0 || row == 27 || column == 0 || column == 27) {
        EXPECT_EQ(pixels[p], 0) << i;
      }
    }
    EXPECT_NEAR(x / mass, 14, 3) << i;
    EXPECT_NEAR(y / mass, 14, 3) << i;
    EXPECT_GT(*std::max_element(pixels.begin(), pixels.end()), 230) << i;
  }
}

using Values = std::vector<std::int16_t>;

// ‖a − b‖² less ‖a‖², which orders the b as the distance does.
int distance_part(const std::int16_t* a, const std::int16_t* b, int b_square) {
  int product = 0;
  for (std::size_t p = 0; p < kPixels; ++p) product += a[p] * b[p];
  return b_square - 2 * product;
}

// The class that most of the three nearest references have, or else the nearest one's.
std::vector<std::uint8_t> read_by_neighbours(const Images& queries, const Images& references,
                                             const std::vector<std::uint8_t>& labels) {
  const Values query(queries.pixels.begin(), queries.pixels.end());
  const Values reference(references.pixels.begin(), references.pixels.end());
  std::vector<int> squares(labels.size());
  for (std::size_t j = 0; j < labels.size(); ++j) {
    squares[j] = -distance_part(&reference[j * kPixels], &reference[j * kPixels], 0) / 2;
  }
  std::vector<std::uint8_t> read;
  std::vector<std::pair<int, std::uint8_t>> near(labels.size());
  for (std::size_t i = 0; i < query.size(); i += kPixels) {
    for (std::size_t j = 0; j < labels.size(); ++j) {
      near[j] = {distance_part(&query[i], &reference[j * kPixels], squares[j]), labels[j]};
    }
    std::partial_sort(near.begin(), near.begin() + 3, near.end());
    read.push_back(near[1].second == near[2].second ? near[1].second : near[0].second);
  }
  return read;
}

TEST(Digits, AreReadByTheNeighboursInMnist) {
  const char* folder = std::getenv("GAN_MNIST_DIR");
  if (!folder) GTEST_SKIP() << "GAN_MNIST_DIR is not set";
  const DataSource mnist = find_data(folder);
  auto labels = mnist.load_labels(Split::train);
  labels.resize(10000);
  const auto read =
      read_by_neighbours(draw_digits(Split::test, 500, 2), mnist.load_images(Split::train), labels);
  const auto drawn = digit_labels(Split::test, 500);
  std::array<int, 10> right{};
  for (std::size_t i = 0; i < read.size(); ++i) right.at(drawn[i]) += read[i] == drawn[i];
  EXPECT_GE(std::accumulate(right.begin(), right.end(), 0), 450);
  for (int digit = 0; digit < 10; ++digit) EXPECT_GE(right.at(digit), 30) << digit;
}

}  // namespace
}  // namespace gan::data
