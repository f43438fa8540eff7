#include "host/io/images/chart_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace gan::io {

bool is_drawable(double value) {
  return std::abs(value) < 1e30;  // false for NaN
}

Range range_of(std::vector<double> values) {
  std::erase_if(values, [](double value) { return !is_drawable(value); });
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  constexpr double share = 0.05;  // of the values, at either end, may be outliers,
  constexpr double reach = 10;    // if they lie further out than this many times the bulk's spread
  const auto skipped = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  const double low = values[skipped], high = values[values.size() - 1 - skipped];
  if (const double spread = high - low; spread > 0) {
    std::erase_if(values, [&](double value) {
      return value < low - reach * spread || value > high + reach * spread;
    });
  }
  const Range range{values.front(), values.back()};
  // Room above and below, also for a constant, and enough for ticks to be told apart.
  const double size = std::max(std::abs(range.low), std::abs(range.high));
  if (size < 1e-30) return {-1, 1};
  const double margin = range.span() > 0 ? std::max(0.06 * range.span(), 1e-6 * size) : 0.05 * size;
  return {range.low - margin, range.high + margin};
}

std::vector<double> nice_ticks(const Range& range, int most) {
  const double coarse = range.span() / most;
  const double power = std::pow(10, std::floor(std::log10(coarse)));
  double step = 10 * power;
  for (const double factor : {5, 2, 1}) {
    if (factor * power >= coarse) step = factor * power;
  }
  std::vector<double> ticks;
  for (double index = std::ceil(range.low / step); index * step <= range.high; ++index) {
    ticks.push_back(index * step + 0.0);  // makes a zero of −0
  }
  return ticks;
}

std::string format_number(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", std::abs(value), decimals);
  const std::size_t point = std::min(text.find('.'), text.size());
  for (std::size_t place = point; place > 3; place -= 3) text.insert(place - 3, 1, ',');
  return (value < 0 ? "\u2212" : "") + text;
}

std::vector<std::string> tick_labels(const std::vector<double>& ticks) {
  std::vector<std::string> labels;
  if (ticks.size() < 2) {
    for (const double tick : ticks) labels.push_back(fmt::format("{:g}", tick));
    return labels;
  }
  const double step = ticks[1] - ticks[0];
  const int decimals = std::max(0, static_cast<int>(std::ceil(-std::log10(step) - 1e-6)));
  const double size = std::max(std::abs(ticks.front()), std::abs(ticks.back()));
  for (const double tick : ticks) {
    const bool is_plain = decimals <= 4 && size < 1e9;
    labels.push_back(is_plain ? format_number(tick, decimals) : fmt::format("{:.7g}", tick));
  }
  return labels;
}

std::vector<Stretch> summarize(std::span<const double> x, std::span<const double> y, double x_max,
                               int most) {
  const bool is_one_each = x.size() <= static_cast<std::size_t>(most);
  const auto place_of = [&](std::size_t i) {
    return is_one_each ? static_cast<double>(i)
                       : std::floor(std::clamp(x[i] / x_max * most, 0.0, most - 1.0));
  };
  constexpr double gap = std::numeric_limits<double>::quiet_NaN();
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < x.size();) {
    const double place = place_of(i);
    Stretch stretch{is_one_each ? x[i] : (place + 0.5) * x_max / most, gap, gap, gap};
    double sum = 0;
    int count = 0;
    for (; i < x.size() && place_of(i) == place; ++i) {
      if (!is_drawable(y[i])) continue;
      stretch.low = std::fmin(stretch.low, y[i]);  // fmin and fmax pass over a NaN
      stretch.high = std::fmax(stretch.high, y[i]);
      sum += y[i];
      ++count;
    }
    if (count > 0) stretch.mean = sum / count;
    stretches.push_back(stretch);
  }
  return stretches;
}

}  // namespace gan::io
