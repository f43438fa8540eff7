#include "host/eval/parzen.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "tests/eval/real_data.h"
#include "tests/eval/support.h"

namespace gan::eval {
namespace {

// ln N(x; 0, σ²I) at a squared distance, in N dimensions.
double log_gaussian(double d2, int N, double sigma) {
  return -d2 / (2 * sigma * sigma) - N * std::log(sigma * std::sqrt(2 * std::numbers::pi));
}

// The definition, term by term.
double naive_log_likelihood(MatrixView samples, const float* x, double sigma) {
  long double sum = 0;
  for (int j = 0; j < samples.rows; ++j) {
    long double d2 = 0;
    for (int k = 0; k < samples.columns; ++k) {
      const long double difference = static_cast<long double>(x[k]) - samples.row(j)[k];
      d2 += difference * difference;
    }
    sum += std::exp(-d2 / (2 * sigma * sigma));
  }
  return static_cast<double>(std::log(sum / samples.rows)) +
         log_gaussian(0, samples.columns, sigma);
}

TEST(Parzen, OfOneSampleIsItsGaussian) {
  const Matrix sample = matrix({{0.5F, 0.25F, 0}});
  const Matrix points = matrix({{0.5F, 0.25F, 0}, {1, 0.25F, 0}, {0.5F, 0.25F, -3}});
  for (const double sigma : {0.1, 1.0, 20.0}) {
    const auto values = parzen_log_likelihoods(*cpu, sample.view(), points.view(), sigma);
    EXPECT_NEAR(values.at(0), log_gaussian(0, 3, sigma), 1e-4);
    EXPECT_NEAR(values.at(1), log_gaussian(0.25, 3, sigma), 1e-4);
    EXPECT_NEAR(values.at(2), log_gaussian(9, 3, sigma), 1e-4);
  }
}

TEST(Parzen, EqualSamplesCountAsOne) {
  const Matrix one = random_matrix(1, 7, 1), points = random_matrix(4, 7, 2);
  Matrix many(1000, 7);
  for (int i = 0; i < many.rows; ++i) std::ranges::copy(one.values, many.row(i));
  const auto of_one = parzen_log_likelihoods(*cpu, one.view(), points.view(), 0.3);
  const auto of_many = parzen_log_likelihoods(*cpu, many.view(), points.view(), 0.3);
  for (std::size_t i = 0; i < of_one.size(); ++i) EXPECT_NEAR(of_one[i], of_many[i], 1e-5);
}

TEST(Parzen, IsTheDefinition) {
  for (const int n : {1, 2, 31, 32, 33, 300})  // ragged in the lanes of a vector
    for (const int P : {1, 3, 257})            // and in the blocks of rows
      for (const double sigma : {0.1, 0.3, 1.0}) {
        const Matrix samples = random_matrix(n, 5, 1), points = random_matrix(P, 5, 2);
        const auto values = parzen_log_likelihoods(*cpu, samples.view(), points.view(), sigma);
        ASSERT_EQ(values.size(), static_cast<std::size_t>(P));
        for (int i = 0; i < P; ++i)
          // The float error of a squared distance near 1 is some 4e-7, and counts 1/2σ² times.
          ASSERT_NEAR(values[static_cast<std::size_t>(i)],
                      naive_log_likelihood(samples.view(), points.view().row(i), sigma),
                      1e-6 / (2 * sigma * sigma) + 1e-6);
      }
}

TEST(Parzen, StaysFiniteFarOut) {
  const Matrix samples = matrix({{0, 0}, {3000, 0}});
  const Matrix points = matrix({{0, 4000}, {3000, 1}, {1e9F, 0}});
  const auto values = parzen_log_likelihoods(*cpu, samples.view(), points.view(), 0.1);
  EXPECT_NEAR(values[0], log_gaussian(16e6, 2, 0.1) - std::log(2), 1);
  EXPECT_NEAR(values[1], log_gaussian(1, 2, 0.1) - std::log(2), 60);  // 1 in norms of 9e6
  EXPECT_TRUE(std::isfinite(values[2]));
}

TEST(Parzen, GridIsThatOfThePaper) {
  const std::vector<double> grid = SigmaGrid().values();
  ASSERT_EQ(grid.size(), 10U);
  EXPECT_DOUBLE_EQ(grid.front(), 0.1);
  EXPECT_DOUBLE_EQ(grid[3], std::pow(10, -2.0 / 3));
  EXPECT_DOUBLE_EQ(grid.back(), 1);
}

// At one sample the best σ² is the mean squared distance per dimension.
TEST(Parzen, BestSigmaIsTheMostLikely) {
  const Matrix sample = matrix({{0, 0}});
  const Matrix points = matrix({{1, 1}, {-1, 1}, {1, -1}});
  EXPECT_DOUBLE_EQ(best_sigma(*cpu, sample.view(), points.view(), {0.5, 2, 3}), 1);
}

TEST(Parzen, ScoreIsTheMeanOverTheTestImagesWithItsError) {
  const Matrix sample = matrix({{0}}), validation = matrix({{1}}), test = matrix({{0}, {2}});
  const ParzenScore score =
      parzen_score(*cpu, sample.view(), {validation.view(), test.view(), {0.1, 10, 3}});
  EXPECT_DOUBLE_EQ(score.sigma, 1);
  EXPECT_EQ(score.samples, 1);
  EXPECT_NEAR(score.log_likelihood, (log_gaussian(0, 1, 1) + log_gaussian(4, 1, 1)) / 2, 1e-6);
  EXPECT_NEAR(score.standard_error, 1 / std::sqrt(2), 1e-6);  // values 2 apart
}

TEST(Parzen, RealImagesAsSamplesReachTheKnownCeiling) {
  const auto data = mnist();
  if (!data) GTEST_SKIP() << kNoMnist;
  const Matrix train = to_matrix(data->load_images(data::Split::train));
  const Matrix test = to_matrix(data->load_images(data::Split::test));
  const ParzenScore score = parzen_score(*cpu, train.view().slice(0, 10'000),
                                         {train.view().slice(50'000, 1000), test.view()});
  EXPECT_GE(score.log_likelihood, 241);
  EXPECT_LE(score.log_likelihood, 245);
}

}  // namespace
}  // namespace gan::eval
