// A drawing surface: the few things a chart needs of Cairo, with its ownership and error checks.
#pragma once
#include <cairo.h>

#include <memory>
#include <span>
#include <string>

#include "host/io/images/image.h"

namespace gan::io {

struct Colour {
  double red, green, blue;  // 0 to 1
};

struct Point {
  double x, y;  // pixels, from the top left corner
};

struct Rect {
  double left, top, right, bottom;
};

struct Font {
  enum class Weight { normal, bold };
  enum class Align { left, centre, right };
  enum class Direction { across, upwards };
  double size = 13;
  Colour colour = {0.2, 0.2, 0.2};
  Align align = Align::left;
  Weight weight = Weight::normal;
  Direction direction = Direction::across;
};

class Canvas {
 public:
  Canvas(int width, int height);  // white

  void line(std::span<const Point> points, const Colour& colour, double width);
  void area(std::span<const Point> outline, const Colour& colour);  // filled, translucent
  void dot(const Point& centre, double radius, const Colour& colour);
  // The point lies on the baseline, at the end or in the middle of the text as `align` says.
  void text(const Point& place, const std::string& text, const Font& font);
  double text_width(const std::string& text, const Font& font);
  // Draws only inside `area` from here on / everywhere again.
  void clip_to(const Rect& area);
  void clip_to_all();

  // The picture so far, RGB. Throws when Cairo has met an error (out of memory).
  Image image() const;

 private:
  struct Destroy {
    void operator()(cairo_t* context) const;
  };
  std::unique_ptr<cairo_t, Destroy> context_;
};

}  // namespace gan::io
