// Comparisons with the reference.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>

#include "tests/kernels/arrays.h"

namespace gan {

// Whether |actual - expected| ≤ bound everywhere; nothing is within a bound of NaN.
inline testing::AssertionResult within(const Values& actual, const Values& expected,
                                       const Values& bound) {
  if (actual.size() != expected.size() || bound.size() != expected.size())
    return testing::AssertionFailure()
           << actual.size() << " values and " << bound.size() << " bounds for " << expected.size();
  for (std::size_t i = 0; i < actual.size(); ++i)
    if (!(std::abs(actual[i] - expected[i]) <= bound[i]))
      return testing::AssertionFailure()
             << "value " << i << " of " << actual.size() << " is " << actual[i] << ", not "
             << expected[i] << " ± " << bound[i];
  return testing::AssertionSuccess();
}

inline testing::AssertionResult same(const Values& actual, const Values& expected) {
  return within(actual, expected, Values(expected.size(), 0));
}

// factor·|values| + absolute: the bound of an error relative to these values.
inline Values bound_of(Values values, double factor, double absolute = 0) {
  for (double& value : values) value = factor * std::abs(value) + absolute;
  return values;
}

inline Values magnitudes(const Values& values) {
  return bound_of(values, 1);
}

// The sizes at which blocks, warps and vectors of elementwise operations begin and end.
inline constexpr std::size_t kLengths[] = {0, 1, 3, 31, 32, 33, 255, 256, 257, 387, 1025, 99695};

}  // namespace gan
