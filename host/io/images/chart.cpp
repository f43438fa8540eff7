#include "host/io/images/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>

#include "host/io/images/chart_scale.h"

namespace gan::io {
namespace {

constexpr Colour kAxis = {0.35, 0.35, 0.35}, kGrid = {0.9, 0.9, 0.9}, kMuted = {0.45, 0.45, 0.45};
constexpr int kMostTicks = 6;
constexpr double kPixelsPerStretch = 4;
constexpr std::size_t kFewValues = 40;  // so few are marked one by one

// Where values are on the canvas.
struct Scale {
  Rect plot;
  Range x, y;

  Point operator()(double at_x, double at_y) const {
    const double across = (at_x - x.low) / x.span(), up = (at_y - y.low) / y.span();
    // Cairo's coordinates are 24-bit: what lies far outside is drawn to just outside.
    return {plot.left + across * (plot.right - plot.left),
            plot.bottom - std::clamp(up, -1.0, 2.0) * (plot.bottom - plot.top)};
  }
};

Range y_range(const Chart& chart) {
  std::vector<double> values;
  for (const Curve& curve : chart.curves) {
    values.insert(values.end(), curve.values.begin(), curve.values.end());
  }
  return range_of(std::move(values));
}

void draw_heading(Canvas& canvas, const Rect& area, double right_edge, const Chart& chart) {
  const double baseline = area.top + 16;
  canvas.text({area.left, baseline}, chart.title,
              {.size = 16, .colour = {0.1, 0.1, 0.1}, .weight = Font::Weight::bold});
  const Font font;
  double right = right_edge;
  std::for_each(chart.curves.rbegin(), chart.curves.rend(), [&](const Curve& curve) {
    const double left = right - canvas.text_width(curve.label, font);
    canvas.text({left, baseline}, curve.label, font);
    const std::vector<Point> sample = {{left - 28, baseline - 5}, {left - 8, baseline - 5}};
    canvas.line(sample, curve.colour, 3);
    right = left - 28 - 20;
  });
}

void draw_axes(Canvas& canvas, const Scale& scale, const Chart& chart, double left_edge) {
  const Rect& plot = scale.plot;
  const auto y_ticks = nice_ticks(scale.y, kMostTicks), x_ticks = nice_ticks(scale.x, kMostTicks);
  const auto y_labels = tick_labels(y_ticks), x_labels = tick_labels(x_ticks);
  for (std::size_t i = 0; i < y_ticks.size(); ++i) {
    const double y = std::round(scale(0, y_ticks[i]).y) + 0.5;  // sharp lines on whole pixels
    canvas.line(std::vector<Point>{{plot.left, y}, {plot.right, y}}, kGrid, 1);
    canvas.text({plot.left - 8, y + 4.5}, y_labels[i], {.align = Font::Align::right});
  }
  for (std::size_t i = 0; i < x_ticks.size(); ++i) {
    const double x = std::round(scale(x_ticks[i], 0).x) + 0.5;
    canvas.line(std::vector<Point>{{x, plot.bottom}, {x, plot.bottom + 5}}, kAxis, 1);
    canvas.text({x, plot.bottom + 21}, x_labels[i], {.align = Font::Align::centre});
  }
  canvas.line(
      std::vector<Point>{
          {plot.left, plot.top}, {plot.left, plot.bottom}, {plot.right, plot.bottom}},
      kAxis, 1);
  canvas.text({(plot.left + plot.right) / 2, plot.bottom + 44}, chart.x_label,
              {.align = Font::Align::centre});
  canvas.text({left_edge + 12, (plot.top + plot.bottom) / 2}, chart.y_label,
              {.align = Font::Align::centre, .direction = Font::Direction::upwards});
}

// One piece of a curve without gaps.
void draw_piece(Canvas& canvas, const Scale& scale, std::span<const Stretch> piece,
                const Colour& colour) {
  std::vector<Point> mean, band, lower_edge;
  for (const Stretch& stretch : piece) {
    mean.push_back(scale(stretch.x, stretch.mean));
    band.push_back(scale(stretch.x, stretch.high));
    lower_edge.push_back(scale(stretch.x, stretch.low));
  }
  band.insert(band.end(), lower_edge.rbegin(), lower_edge.rend());
  canvas.area(band, colour);
  canvas.line(mean, colour, 1.8);
  if (piece.size() == 1) canvas.dot(mean.front(), 3, colour);
}

void draw_curve(Canvas& canvas, const Scale& scale, const std::vector<double>& x,
                const Curve& curve) {
  const double width = scale.plot.right - scale.plot.left;
  const auto stretches =
      summarize(x, curve.values, scale.x.high, static_cast<int>(width / kPixelsPerStretch));
  const auto is_gap = [](const Stretch& stretch) { return std::isnan(stretch.mean); };
  for (auto first = stretches.begin(); first != stretches.end();) {
    const auto last = std::find_if(first, stretches.end(), is_gap);
    if (first != last) draw_piece(canvas, scale, {first, last}, curve.colour);
    first = std::find_if_not(last, stretches.end(), is_gap);
  }
  if (stretches.size() > kFewValues) return;
  for (const Stretch& stretch : stretches) {
    if (!is_gap(stretch)) canvas.dot(scale(stretch.x, stretch.mean), 3, curve.colour);
  }
}

// What the picture does not show.
std::string remark(const Chart& chart, const Range& y) {
  if (chart.x.empty()) return "no values yet";
  std::ptrdiff_t hidden = 0;
  for (const Curve& curve : chart.curves) {
    hidden += std::count_if(curve.values.begin(), curve.values.end(),
                            [&](double value) { return !(value >= y.low && value <= y.high); });
  }
  if (hidden == 0) return "";
  return fmt::format("{} {} not finite or off the scale",
                     format_number(static_cast<double>(hidden), 0),
                     hidden == 1 ? "value" : "values");
}

}  // namespace

void draw_chart(Canvas& canvas, const Rect& area, const Chart& chart) {
  const double x_end = chart.x.empty() ? 0 : *std::max_element(chart.x.begin(), chart.x.end());
  const Range y = y_range(chart);
  double label_width = 0;
  for (const std::string& label : tick_labels(nice_ticks(y, kMostTicks))) {
    label_width = std::max(label_width, canvas.text_width(label, {}));
  }
  const Scale scale{{std::round(area.left + 28 + label_width) + 0.5, area.top + 36, area.right - 20,
                     std::round(area.bottom - 50) + 0.5},
                    {0, std::max(x_end, 1.0)},
                    y};
  draw_heading(canvas, area, scale.plot.right, chart);
  draw_axes(canvas, scale, chart, area.left);
  constexpr double overhang = 4;  // of a mark on the first or the last value
  canvas.clip_to(
      {scale.plot.left - overhang, scale.plot.top, scale.plot.right + overhang, scale.plot.bottom});
  for (const Curve& curve : chart.curves) draw_curve(canvas, scale, chart.x, curve);
  canvas.clip_to_all();
  canvas.text({scale.plot.right, scale.plot.bottom + 44}, remark(chart, y),
              {.size = 12, .colour = kMuted, .align = Font::Align::right});
}

}  // namespace gan::io
