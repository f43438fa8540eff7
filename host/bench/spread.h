// What is said of repeats: their median, and how far they lie apart.  `ascending` has at least one.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

namespace gan::bench {

// Between the two nearest to the place.
inline double quantile(const std::vector<double>& ascending, double share) {
  const double place = share * static_cast<double>(ascending.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const std::size_t above = std::min(below + 1, ascending.size() - 1);
  return std::lerp(ascending[below], ascending[above], place - static_cast<double>(below));
}

inline double median(const std::vector<double>& ascending) {
  return quantile(ascending, 0.5);
}

// Half the distance between the quartiles.
inline double spread(const std::vector<double>& ascending) {
  return (quantile(ascending, 0.75) - quantile(ascending, 0.25)) / 2;
}

}  // namespace gan::bench
