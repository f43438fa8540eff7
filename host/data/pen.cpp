#include "host/data/pen.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace gan::data {
namespace {

constexpr float kEdge = 1.5f;  // pixels from black to white

// The distance of every pixel's centre to the ink, negative inside.
using DistanceMap = std::array<float, kDigitPixels>;

// The Catmull-Rom spline between b and c, at t in [0, 1].
Point spline(Point a, Point b, Point c, Point d, float t) {
  const auto directional = [t](float p, float q, float r, float s) {
    return q + 0.5f * t * (r - p + t * (2 * p - 5 * q + 4 * r - s + t * (3 * (q - r) + s - p)));
  };
  return {directional(a.x, b.x, c.x, d.x), directional(a.y, b.y, c.y, d.y)};
}

struct PixelRange {
  int first, last;
};

// The rows or columns whose centres may lie within `reach` of the interval between a and b.
PixelRange pixels_near(float a, float b, float reach) {
  const auto pixel = [](float x) {
    return static_cast<int>(std::clamp(x, 0.f, static_cast<float>(kDigitSide - 1)));
  };
  return {pixel(std::min(a, b) - reach), pixel(std::max(a, b) + reach)};
}

void approach(const Segment& segment, DistanceMap& distance) {
  const auto& [from, to, radius] = segment;
  const PixelRange rows = pixels_near(from.y, to.y, radius + kEdge);
  const PixelRange columns = pixels_near(from.x, to.x, radius + kEdge);
  const float dx = to.x - from.x, dy = to.y - from.y;
  const float inverse_square = 1 / std::max(dx * dx + dy * dy, 1e-12f);
  for (int row = rows.first; row <= rows.last; ++row) {
    for (int column = columns.first; column <= columns.last; ++column) {
      const float px = static_cast<float>(column) + 0.5f - from.x;
      const float py = static_cast<float>(row) + 0.5f - from.y;
      const float t = std::clamp((px * dx + py * dy) * inverse_square, 0.f, 1.f);
      const float ex = px - t * dx, ey = py - t * dy;
      float& nearest = distance[static_cast<std::size_t>(row * kDigitSide + column)];
      nearest = std::min(nearest, std::sqrt(ex * ex + ey * ey) - radius);
    }
  }
}

}  // namespace

bool is_corner(const Stroke& stroke, std::size_t i) {
  return i > 0 && stroke[i].x == stroke[i - 1].x && stroke[i].y == stroke[i - 1].y;
}

void trace(const Stroke& stroke, Pen pen, std::vector<Segment>& segments) {
  constexpr int pieces = 5;
  const std::size_t last = stroke.size() - 1;
  for (std::size_t i = 0; i < last; ++i) {
    if (is_corner(stroke, i + 1)) continue;
    // At an end, as at a corner, the neighbour is the point itself: a one-sided tangent.
    const Point before = stroke[i == 0 ? 0 : i - 1], after = stroke[std::min(i + 2, last)];
    Point from = stroke[i];
    for (int piece = 1; piece <= pieces; ++piece) {
      const float t = static_cast<float>(piece) / pieces;
      const Point to = spline(before, stroke[i], stroke[i + 1], after, t);
      const float progress = (static_cast<float>(i) + t) / static_cast<float>(last);
      segments.push_back({from, to, pen.radius * (1 + pen.pressure * (progress - 0.5f))});
      from = to;
    }
  }
}

void render(std::span<const Segment> segments, std::span<std::uint8_t, kDigitPixels> picture) {
  DistanceMap distance;
  distance.fill(std::numeric_limits<float>::max());
  for (const Segment& segment : segments) approach(segment, distance);
  std::transform(distance.begin(), distance.end(), picture.begin(), [](float d) {
    return static_cast<std::uint8_t>(255 * std::clamp(0.5f - d / kEdge, 0.f, 1.f) + 0.5f);
  });
}

}  // namespace gan::data
