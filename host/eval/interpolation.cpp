#include "host/eval/interpolation.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace gan::eval {
namespace {

double dot(const float* a, const float* b, int n) {
  return std::inner_product(a, a + n, b, 0.0);
}

struct Shares {
  double first, second;
};

Shares shares(double angle, double t) {
  constexpr double kParallel = 1e-6;  // below it the sines' quotients lose their digits
  const double sine = std::sin(angle);
  if (std::abs(sine) < kParallel) return {1 - t, t};
  return {std::sin((1 - t) * angle) / sine, std::sin(t * angle) / sine};
}

// Points of the paths between the pairs of ends: shares_of(a, b) gives the shares of both at any t.
template <class SharesOf>
Matrix paths_of(MatrixView ends, int steps, const SharesOf& shares_of) {
  const int n = ends.columns;
  Matrix paths(ends.rows / 2 * steps, n);
  for (int pair = 0; pair < ends.rows / 2; ++pair) {
    const float *const a = ends.row(2 * pair), *const b = ends.row(2 * pair + 1);
    const auto shares_at = shares_of(a, b);
    for (int step = 0; step < steps; ++step) {
      const Shares share = shares_at(static_cast<double>(step) / (steps - 1));
      std::transform(a, a + n, b, paths.row(pair * steps + step), [&](float x, float y) {
        return static_cast<float>(share.first * x + share.second * y);
      });
    }
  }
  return paths;
}

}  // namespace

Matrix spherical_paths(MatrixView ends, int steps) {
  return paths_of(ends, steps, [n = ends.columns](const float* a, const float* b) {
    const double lengths = std::sqrt(dot(a, a, n) * dot(b, b, n));
    const double angle = lengths > 0 ? std::acos(std::clamp(dot(a, b, n) / lengths, -1.0, 1.0)) : 0;
    return [angle](double t) { return shares(angle, t); };
  });
}

Matrix straight_paths(MatrixView ends, int steps) {
  return paths_of(ends, steps, [](const float*, const float*) {
    return [](double t) { return Shares{1 - t, t}; };
  });
}

}  // namespace gan::eval
