#include "host/eval/parzen.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "host/eval/pairs.h"
#include "kernels/cpu/activations.h"

namespace gan::eval {
namespace {

// Reductions in so many interleaved parts: two full vectors on the widest units.
constexpr std::size_t kLanes = 32;

GAN_VECTORISED float smallest(const float* values, std::size_t n) {
  float lanes[kLanes];
  std::fill_n(lanes, kLanes, values[0]);
  std::size_t j = 0;
  for (; j + kLanes <= n; j += kLanes)
    for (std::size_t k = 0; k < kLanes; ++k)
      lanes[k] = values[j + k] < lanes[k] ? values[j + k] : lanes[k];
  return std::min(*std::min_element(lanes, lanes + kLanes),
                  j < n ? *std::min_element(values + j, values + n) : values[0]);
}

// Σⱼ exp(-scale·(d²ⱼ - nearest)): the terms in float, the sum in double.
GAN_VECTORISED double sum_of_exponentials(const float* d2, std::size_t n, float nearest,
                                          float scale) {
  double sums[kLanes] = {};
  for (std::size_t j = 0; j < n; j += kLanes) {
    float terms[kLanes] = {};
    for (std::size_t k = 0; k < std::min(kLanes, n - j); ++k)
      terms[k] = exp_nonpositive((nearest - d2[j + k]) * scale);
    for (std::size_t k = 0; k < kLanes; ++k) sums[k] += static_cast<double>(terms[k]);
  }
  return std::accumulate(sums, sums + kLanes, 0.0);
}

// ln p(x) from the squared distances between x and all samples.  The nearest sample's term is taken
// out of the sum, which then lies in [1, n]: nothing overflows, and no sum is 0.
double log_likelihood(std::span<const float> d2, float nearest, int dimensions, double sigma) {
  const double scale = 1 / (2 * sigma * sigma);
  const double sum = sum_of_exponentials(d2.data(), d2.size(), nearest, static_cast<float>(scale));
  return std::log(sum / static_cast<double>(d2.size())) - static_cast<double>(nearest) * scale -
         dimensions * std::log(sigma * std::sqrt(2 * std::numbers::pi));
}

// [s][i]: the log-likelihood of point i at σ = sigmas[s].
std::vector<std::vector<double>> log_likelihoods(const Products& products, MatrixView samples,
                                                 MatrixView points,
                                                 const std::vector<double>& sigmas) {
  std::vector<std::vector<double>> all(sigmas.size(),
                                       std::vector<double>(static_cast<std::size_t>(points.rows)));
  for_each_row_of_distances(products, points, samples, [&](int i, std::span<const float> d2) {
    const float nearest = smallest(d2.data(), d2.size());
    for (std::size_t s = 0; s < sigmas.size(); ++s)
      all[s][static_cast<std::size_t>(i)] = log_likelihood(d2, nearest, points.columns, sigmas[s]);
  });
  return all;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double standard_deviation(const std::vector<double>& values) {
  const double centre = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - centre) * (value - centre);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

}  // namespace

std::vector<double> SigmaGrid::values() const {
  std::vector<double> sigmas(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < sigmas.size(); ++i)
    sigmas[i] = smallest * std::pow(largest / smallest, static_cast<double>(i) / (count - 1));
  return sigmas;
}

std::vector<double> parzen_log_likelihoods(const Products& products, MatrixView samples,
                                           MatrixView points, double sigma) {
  return log_likelihoods(products, samples, points, {sigma}).front();
}

double best_sigma(const Products& products, MatrixView samples, MatrixView points,
                  const SigmaGrid& grid) {
  const std::vector<double> sigmas = grid.values();
  std::vector<double> means;
  for (const auto& values : log_likelihoods(products, samples, points, sigmas))
    means.push_back(mean(values));
  return sigmas[static_cast<std::size_t>(std::ranges::max_element(means) - means.begin())];
}

ParzenScore parzen_score(const Products& products, MatrixView samples,
                         const ParzenProtocol& protocol) {
  const double sigma = best_sigma(products, samples, protocol.validation, protocol.grid);
  const std::vector<double> values =
      parzen_log_likelihoods(products, samples, protocol.test, sigma);
  return {mean(values), standard_deviation(values) / std::sqrt(static_cast<double>(values.size())),
          sigma, protocol.grid, samples.rows};
}

}  // namespace gan::eval
