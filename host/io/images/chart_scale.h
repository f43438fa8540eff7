// The arithmetic of a line chart: ranges, ticks, and curves with more points than there are pixels.
#pragma once
#include <span>
#include <string>
#include <vector>

namespace gan::io {

struct Range {
  double low = 0, high = 1;
  double span() const { return high - low; }
};

// A value that a chart can place: finite, and small enough that differences stay finite too.
bool is_drawable(double value);

// A range that shows `values` well. A few outliers (a spike of a loss) are left outside, so that
// they do not press everything else into one line; the caller tells the reader.
Range range_of(std::vector<double> values);

// Multiples of 1, 2 or 5 · 10^k inside the range, at most `most` + 1 of them.
std::vector<double> nice_ticks(const Range& range, int most);

// The ticks' texts with the decimals that their distance needs: "0.50", "12,000".
std::vector<std::string> tick_labels(const std::vector<double>& ticks);

// With thousands separators.
std::string format_number(double value, int decimals);

// A stretch of a curve: the mean and the extremes of the values that fall on it; NaN for a gap.
struct Stretch {
  double x, low, mean, high;
};

// At most `most` stretches of equal width over [0, x_max], or one for each value when they are no
// more than that. x ascends within [0, x_max], x_max > 0; a stretch without a drawable value is a
// gap.
std::vector<Stretch> summarize(std::span<const double> x, std::span<const double> y, double x_max,
                               int most);

}  // namespace gan::io
