#include "host/eval/feature_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "host/eval/moments.h"
#include "tests/eval/support.h"

namespace gan::eval {
namespace {

Matrix shifted(Matrix m, float by) {
  for (float& value : m.values) value += by;
  return m;
}

double squared_distance(const float* a, const float* b, int N) {
  double sum = 0;
  for (int j = 0; j < N; ++j) sum += std::pow(static_cast<double>(a[j]) - b[j], 2);
  return sum;
}

TEST(Moments, AreMeanAndUnbiasedCovariance) {
  const Matrix m = matrix({{1, 2}, {3, 6}, {5, 1}});
  const Moments moments = moments_of(m.view());
  EXPECT_EQ(moments.mean, (std::vector<double>{3, 3}));
  EXPECT_EQ(moments.covariance, (std::vector<double>{4, -1, -1, 7}));
}

TEST(Moments, TraceOfTheRootOfAProduct) {
  EXPECT_NEAR(trace_of_root({4, 0, 0, 9}, {1, 0, 0, 16}), 2 + 12, 1e-12);
  // A = B: the trace of A.
  EXPECT_NEAR(trace_of_root({2, 1, 1, 3}, {2, 1, 1, 3}), 5, 1e-12);
  // Eigenvalues r of AB for 2×2: (√r₁ + √r₂)² = tr AB + 2√det AB; tr AB = 8, det AB = 5·3.
  EXPECT_NEAR(trace_of_root({2, 1, 1, 3}, {2, -1, -1, 2}), std::sqrt(8 + 2 * std::sqrt(15)), 1e-12);
  // Singular ones, as of features that are never active.
  EXPECT_NEAR(trace_of_root({1, 0, 0, 0}, {4, 0, 0, 0}), 2, 1e-12);
}

TEST(Frechet, OfEqualSetsIsZeroAndOfAShiftIsItsSquare) {
  const Matrix a = random_matrix(300, 6, 1);
  EXPECT_NEAR(frechet_distance(a.view(), a.view()), 0, 1e-9);
  EXPECT_NEAR(frechet_distance(a.view(), shifted(a, 0.5F).view()), 6 * 0.25, 1e-5);
}

TEST(Frechet, IsTheClosedFormInOneDimension) {
  // Means 2 and 5, standard deviations 1 and 3: (5-2)² + (3-1)².
  const Matrix a = matrix({{1}, {2}, {3}}), b = matrix({{2}, {5}, {8}});
  EXPECT_NEAR(frechet_distance(a.view(), b.view()), 9 + 4, 1e-9);
}

// Pair by pair, by the definition.
TEST(KernelDistance, IsTheUnbiasedEstimate) {
  const Matrix a = random_matrix(7, 3, 1), b = shifted(random_matrix(9, 3, 2), 0.3F);
  const auto mean = [](const Matrix& x, const Matrix& y, bool same_set) {
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < x.rows; ++i)
      for (int j = 0; j < y.rows; ++j) {
        if (same_set && i == j) continue;
        double dot = 0;
        for (int k = 0; k < 3; ++k)
          dot += static_cast<double>(x.view().row(i)[k]) * y.view().row(j)[k];
        sum += std::pow(dot / 3 + 1, 3);
        ++pairs;
      }
    return sum / pairs;
  };
  EXPECT_NEAR(kernel_distance(*cpu, a.view(), b.view()),
              mean(a, a, true) + mean(b, b, true) - 2 * mean(a, b, false), 1e-5);
}

TEST(KernelDistance, IsSmallForTheSameDistribution) {
  const Matrix a = random_matrix(2000, 4, 1), b = random_matrix(2000, 4, 2);
  EXPECT_LT(std::abs(kernel_distance(*cpu, a.view(), b.view())), 0.01);
  EXPECT_GT(kernel_distance(*cpu, a.view(), shifted(b, 0.5F).view()), 0.5);
}

// Sort all neighbours, by the definitions.
Neighbourhoods naive(const Matrix& real, const Matrix& samples, int k) {
  const auto radius = [k](const Matrix& set, int i) {
    std::vector<double> others;
    for (int j = 0; j < set.rows; ++j)
      if (j != i)
        others.push_back(squared_distance(set.view().row(i), set.view().row(j), set.columns));
    std::ranges::sort(others);
    return others[static_cast<std::size_t>(k - 1)];
  };
  const auto near = [](const Matrix& x, int i, const Matrix& y, int j, double r) {
    return squared_distance(x.view().row(i), y.view().row(j), x.columns) <= r;
  };
  Neighbourhoods n{};
  for (int j = 0; j < samples.rows; ++j) {
    int balls = 0;
    for (int i = 0; i < real.rows; ++i) balls += near(real, i, samples, j, radius(real, i));
    n.precision += balls > 0;
    n.density += balls;
  }
  for (int i = 0; i < real.rows; ++i) {
    bool recalled = false, covered = false;
    for (int j = 0; j < samples.rows; ++j) {
      recalled |= near(real, i, samples, j, radius(samples, j));
      covered |= near(real, i, samples, j, radius(real, i));
    }
    n.recall += recalled;
    n.coverage += covered;
  }
  return {n.precision / samples.rows, n.recall / real.rows, n.density / k / samples.rows,
          n.coverage / real.rows};
}

TEST(Neighbourhoods, AreTheDefinitions) {
  const Matrix real = random_matrix(40, 2, 1), samples = shifted(random_matrix(30, 2, 2), 0.4F);
  for (const int k : {1, 3, 5}) {
    const Neighbourhoods expected = naive(real, samples, k);
    const Neighbourhoods actual = compare_neighbourhoods(*cpu, real.view(), samples.view(), k);
    EXPECT_DOUBLE_EQ(actual.precision, expected.precision) << k;
    EXPECT_DOUBLE_EQ(actual.recall, expected.recall) << k;
    EXPECT_DOUBLE_EQ(actual.density, expected.density) << k;
    EXPECT_DOUBLE_EQ(actual.coverage, expected.coverage) << k;
  }
}

TEST(Neighbourhoods, SeeCollapse) {
  const Matrix real = random_matrix(500, 3, 1);
  Matrix collapsed(500, 3);
  for (int i = 0; i < 500; ++i) std::copy_n(real.view().row(0), 3, collapsed.row(i));
  const Neighbourhoods n = compare_neighbourhoods(*cpu, real.view(), collapsed.view(), 5);
  EXPECT_EQ(n.precision, 1);
  EXPECT_LE(n.recall, 0.01);
  EXPECT_LE(n.coverage, 0.05);
}

TEST(ClassifierScore, FromOneToTheNumberOfClasses) {
  const Matrix sure = matrix({{1, 0, 0}, {0, 1, 0}, {0, 0, 1}});
  EXPECT_NEAR(classifier_score(sure.view()), 3, 1e-6);
  const Matrix unsure = matrix({{0.2F, 0.3F, 0.5F}, {0.2F, 0.3F, 0.5F}});
  EXPECT_NEAR(classifier_score(unsure.view()), 1, 1e-6);
  const Matrix alike = matrix({{1, 0, 0}, {1, 0, 0}});
  EXPECT_NEAR(classifier_score(alike.view()), 1, 1e-6);
}

TEST(ClassCoverage, ComparesTheSharesWithEqualOnes) {
  const Matrix even = matrix({{0.9F, 0.1F}, {0.4F, 0.6F}});
  EXPECT_NEAR(class_coverage(even.view()).kl_to_uniform, 0, 1e-12);
  EXPECT_NEAR(class_coverage(even.view()).smallest_share, 0.5, 1e-12);
  const Matrix missing = matrix({{0.9F, 0.1F}, {0.7F, 0.3F}});
  EXPECT_NEAR(class_coverage(missing.view()).kl_to_uniform, std::log(2), 1e-12);
  EXPECT_EQ(class_coverage(missing.view()).smallest_share, 0);
}

}  // namespace
}  // namespace gan::eval
