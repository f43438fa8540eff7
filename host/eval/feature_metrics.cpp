#include "host/eval/feature_metrics.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "host/eval/moments.h"
#include "host/eval/pairs.h"

namespace gan::eval {
namespace {

double trace(const std::vector<double>& square, std::size_t n) {
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += square[i * n + i];
  return sum;
}

double sum_of(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

// Pairs of a vector with itself: there are some where a set is compared with itself.
enum class Diagonal { keep, leave_out };

// The mean of k(x, y) over all pairs.
double mean_kernel(const Products& products, MatrixView a, MatrixView b, Diagonal diagonal) {
  std::vector<double> sums(static_cast<std::size_t>(a.rows));  // each row's, for a fixed order
  for_each_row_of_products(products, a, b, [&](int i, std::span<const float> row) {
    double sum = 0;
    for (std::size_t j = 0; j < row.size(); ++j) {
      const double base = static_cast<double>(row[j]) / a.columns + 1;
      if (diagonal == Diagonal::keep || j != static_cast<std::size_t>(i)) sum += base * base * base;
    }
    sums[static_cast<std::size_t>(i)] = sum;
  });
  const int partners = diagonal == Diagonal::keep ? b.rows : b.rows - 1;
  return sum_of(sums) / a.rows / partners;
}

// The squared radius of each vector's ball: the distance to its k-th neighbour.
std::vector<float> ball_radii(const Products& products, MatrixView set, int k) {
  std::vector<float> radii(static_cast<std::size_t>(set.rows));
  for_each_row_of_distances(products, set, set, [&](int i, std::span<float> d2) {
    d2[static_cast<std::size_t>(i)] = std::numeric_limits<float>::infinity();
    const auto kth = d2.begin() + k - 1;
    std::ranges::nth_element(d2, kth);
    radii[static_cast<std::size_t>(i)] = *kth;
  });
  return radii;
}

// How many balls around `centres` each of the points is in.
std::vector<double> balls_around(const Products& products, MatrixView points, MatrixView centres,
                                 const std::vector<float>& radii) {
  std::vector<double> counts(static_cast<std::size_t>(points.rows));
  for_each_row_of_distances(products, points, centres, [&](int i, std::span<const float> d2) {
    int inside = 0;
    for (std::size_t j = 0; j < d2.size(); ++j) inside += d2[j] <= radii[j] ? 1 : 0;
    counts[static_cast<std::size_t>(i)] = inside;
  });
  return counts;
}

double share_of_positive(const std::vector<double>& counts) {
  const auto positive = std::ranges::count_if(counts, [](double count) { return count > 0; });
  return static_cast<double>(positive) / static_cast<double>(counts.size());
}

double entropy_term(double p, double q) {
  return p > 0 ? p * std::log(p / q) : 0;
}

}  // namespace

double frechet_distance(MatrixView a, MatrixView b) {
  const Moments of_a = moments_of(a), of_b = moments_of(b);
  const std::size_t N = of_a.mean.size();
  double distance = 0;
  for (std::size_t j = 0; j < N; ++j)
    distance += (of_a.mean[j] - of_b.mean[j]) * (of_a.mean[j] - of_b.mean[j]);
  return distance + trace(of_a.covariance, N) + trace(of_b.covariance, N) -
         2 * trace_of_root(of_a.covariance, of_b.covariance);
}

double kernel_distance(const Products& products, MatrixView a, MatrixView b) {
  return mean_kernel(products, a, a, Diagonal::leave_out) +
         mean_kernel(products, b, b, Diagonal::leave_out) -
         2 * mean_kernel(products, a, b, Diagonal::keep);
}

Neighbourhoods compare_neighbourhoods(const Products& products, MatrixView real, MatrixView samples,
                                      int k) {
  const std::vector<float> real_radii = ball_radii(products, real, k);
  const std::vector<double> around_samples = balls_around(products, samples, real, real_radii);
  const std::vector<double> around_real =
      balls_around(products, real, samples, ball_radii(products, samples, k));
  std::vector<double> covered(static_cast<std::size_t>(real.rows));
  for_each_row_of_distances(products, real, samples, [&](int i, std::span<const float> d2) {
    const auto row = static_cast<std::size_t>(i);
    covered[row] = *std::ranges::min_element(d2) <= real_radii[row] ? 1 : 0;
  });
  return {share_of_positive(around_samples), share_of_positive(around_real),
          sum_of(around_samples) / k / samples.rows, share_of_positive(covered)};
}

double classifier_score(MatrixView probabilities) {
  const auto classes = static_cast<std::size_t>(probabilities.columns);
  std::vector<double> marginal(classes);
  for (int i = 0; i < probabilities.rows; ++i)
    for (std::size_t c = 0; c < classes; ++c)
      marginal[c] += static_cast<double>(probabilities.row(i)[c]) / probabilities.rows;
  double divergence = 0;
  for (int i = 0; i < probabilities.rows; ++i)
    for (std::size_t c = 0; c < classes; ++c)
      divergence += entropy_term(probabilities.row(i)[c], marginal[c]);
  return std::exp(divergence / probabilities.rows);
}

ClassCoverage class_coverage(MatrixView probabilities) {
  const auto classes = static_cast<std::size_t>(probabilities.columns);
  std::vector<int> counts(classes);
  for (int i = 0; i < probabilities.rows; ++i) {
    const float* const row = probabilities.row(i);
    ++counts[static_cast<std::size_t>(std::max_element(row, row + classes) - row)];
  }
  const double all = probabilities.rows;
  double kl = 0;
  for (const int count : counts) kl += entropy_term(count / all, 1 / static_cast<double>(classes));
  return {kl, *std::ranges::min_element(counts) / all};
}

}  // namespace gan::eval
