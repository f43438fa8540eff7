#pragma once
#include <string>
#include <vector>

#include "host/io/images/canvas.h"

namespace gan::io {

struct Curve {
  std::string label;
  Colour colour;
  std::vector<double> values;  // one for each x; NaN and infinities leave gaps
};

struct Chart {
  std::string title, x_label, y_label;
  std::vector<double> x;  // ascending
  std::vector<Curve> curves;
};

// Draws the chart with title, legend, axes and grid into `area`. Where there are more values than
// fit, a curve is their running mean within the band of their extremes.
void draw_chart(Canvas& canvas, const Rect& area, const Chart& chart);

}  // namespace gan::io
