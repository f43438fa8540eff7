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

}  // namespace

Matrix spherical_paths(MatrixView ends, int steps) {
  const int n = ends.columns;
  Matrix paths(ends.rows / 2 * steps, n);
  for (int pair = 0; pair < ends.rows / 2; ++pair) {
    const float *const a = ends.row(2 * pair), *const b = ends.row(2 * pair + 1);
    const double lengths = std::sqrt(dot(a, a, n) * dot(b, b, n));
    const double angle = lengths > 0 ? std::acos(std::clamp(dot(a, b, n) / lengths, -1.0, 1.0)) : 0;
    for (int step = 0; step < steps; ++step) {
      const Shares share = shares(angle, static_cast<double>(step) / (steps - 1));
      std::transform(a, a + n, b, paths.row(pair * steps + step), [&](float x, float y) {
        return static_cast<float>(share.first * x + share.second * y);
      });
    }
  }
  return paths;
}

}  // namespace gan::eval
