// Gradients against central differences, in double.
#pragma once
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/model/training.h"

namespace gan::model {

// (f(x + h) - f(x - h))/2h errs by about h²·f‴/6 + 2⁻⁵³·f/h: some 1e-10 for losses of about 1.
inline constexpr double kStep = 1e-5;
inline constexpr double kGradientTolerance = 1e-6;

template <class Function>
double central_difference(double& x, const Function& f) {
  const double at = x;
  x = at + kStep;
  const double above = f();
  x = at - kStep;
  const double below = f();
  x = at;
  return (above - below) / (2 * kStep);
}

template <class Function>
std::vector<double> central_differences(double* x, std::size_t n, const Function& f) {
  std::vector<double> gradient(n);
  for (std::size_t i = 0; i < n; ++i) gradient[i] = central_difference(x[i], f);
  return gradient;
}

// The tensor's relative error in norm, and each entry's relative to itself plus the typical entry.
inline void expect_gradient(const std::vector<double>& actual,
                            const std::vector<double>& differences) {
  ASSERT_EQ(actual.size(), differences.size());
  const double size = norm(differences);
  EXPECT_GT(size, 1e-4) << "too small a gradient to see an error in";
  EXPECT_LE(distance(actual, differences), kGradientTolerance * size);
  const double typical = size / std::sqrt(static_cast<double>(actual.size()));
  for (std::size_t i = 0; i < actual.size(); ++i)
    EXPECT_NEAR(actual[i], differences[i],
                kGradientTolerance * (std::abs(differences[i]) + typical))
        << "entry " << i;
}

}  // namespace gan::model
