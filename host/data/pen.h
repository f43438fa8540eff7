#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace gan::data {

struct Point {
  float x, y;
};

// The path of a pen: a smooth curve through its points, y downwards. A point that is given twice is
// a sharp corner.
using Stroke = std::vector<Point>;

// A straight piece of ink with round ends.
struct Segment {
  Point from, to;
  float radius;
};

// A pen's radius, and how much of it comes or goes from the start of a stroke to its end.
struct Pen {
  float radius, pressure;
};

bool is_corner(const Stroke& stroke, std::size_t i);  // whether point i repeats the one before

// Appends the stroke to `segments` as short straight pieces.
void trace(const Stroke& stroke, Pen pen, std::vector<Segment>& segments);

// A picture of a digit is square and as large as MNIST's.
constexpr int kDigitSide = 28;
constexpr std::size_t kDigitPixels = std::size_t{kDigitSide} * kDigitSide;

// Draws segments, in units of pixels, white on black with soft edges. What lies outside is cut off.
void render(std::span<const Segment> segments, std::span<std::uint8_t, kDigitPixels> picture);

}  // namespace gan::data
