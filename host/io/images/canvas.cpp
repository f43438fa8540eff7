#include "host/io/images/canvas.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <numbers>
#include <stdexcept>

#ifdef __SANITIZE_ADDRESS__
// Fontconfig, which chooses Cairo's fonts, keeps what it has read until the program ends.
extern "C" const char* __lsan_default_suppressions() {  // NOLINT(bugprone-reserved-identifier)
  return "leak:libfontconfig";
}
#endif

namespace gan::io {
namespace {

constexpr double kAreaOpacity = 0.2;

void set_colour(cairo_t* context, const Colour& colour, double opacity = 1) {
  cairo_set_source_rgba(context, colour.red, colour.green, colour.blue, opacity);
}

void trace(cairo_t* context, std::span<const Point> points) {
  cairo_new_path(context);
  for (const Point& point : points) cairo_line_to(context, point.x, point.y);
}

void select_font(cairo_t* context, const Font& font) {
  const bool is_bold = font.weight == Font::Weight::bold;
  cairo_select_font_face(context, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         is_bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
  cairo_set_font_size(context, font.size);
}

}  // namespace

void Canvas::Destroy::operator()(cairo_t* context) const {
  cairo_destroy(context);
}

Canvas::Canvas(int width, int height) {
  cairo_surface_t* const surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
  context_.reset(cairo_create(surface));
  cairo_surface_destroy(surface);  // the context keeps it
  set_colour(context_.get(), {1, 1, 1});
  cairo_paint(context_.get());
}

void Canvas::line(std::span<const Point> points, const Colour& colour, double width) {
  trace(context_.get(), points);
  set_colour(context_.get(), colour);
  cairo_set_line_width(context_.get(), width);
  cairo_set_line_join(context_.get(), CAIRO_LINE_JOIN_ROUND);
  cairo_stroke(context_.get());
}

void Canvas::area(std::span<const Point> outline, const Colour& colour) {
  trace(context_.get(), outline);
  set_colour(context_.get(), colour, kAreaOpacity);
  cairo_fill(context_.get());
}

void Canvas::dot(const Point& centre, double radius, const Colour& colour) {
  cairo_new_path(context_.get());
  cairo_arc(context_.get(), centre.x, centre.y, radius, 0, 2 * std::numbers::pi);
  set_colour(context_.get(), colour);
  cairo_fill(context_.get());
}

void Canvas::text(const Point& place, const std::string& text, const Font& font) {
  cairo_t* const context = context_.get();
  const double share = font.align == Font::Align::left     ? 0
                       : font.align == Font::Align::centre ? 0.5
                                                           : 1;
  cairo_save(context);
  cairo_translate(context, place.x, place.y);
  if (font.direction == Font::Direction::upwards) cairo_rotate(context, -std::numbers::pi / 2);
  cairo_move_to(context, -share * text_width(text, font), 0);
  set_colour(context, font.colour);
  cairo_show_text(context, text.c_str());
  cairo_restore(context);
}

double Canvas::text_width(const std::string& text, const Font& font) {
  select_font(context_.get(), font);
  cairo_text_extents_t extents = {};
  cairo_text_extents(context_.get(), text.c_str(), &extents);
  return extents.x_advance;
}

void Canvas::clip_to(const Rect& area) {
  cairo_rectangle(context_.get(), area.left, area.top, area.right - area.left,
                  area.bottom - area.top);
  cairo_clip(context_.get());
}

void Canvas::clip_to_all() {
  cairo_reset_clip(context_.get());
}

Image Canvas::image() const {
  if (const cairo_status_t status = cairo_status(context_.get()); status != CAIRO_STATUS_SUCCESS) {
    throw std::runtime_error(fmt::format("cannot draw: {}", cairo_status_to_string(status)));
  }
  cairo_surface_t* const surface = cairo_get_target(context_.get());
  cairo_surface_flush(surface);
  Image image{
      cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface), 3, {}};
  for (int y = 0; y < image.height; ++y) {
    const unsigned char* const row = cairo_image_surface_get_data(surface) +
                                     std::ptrdiff_t{y} * cairo_image_surface_get_stride(surface);
    for (int x = 0; x < image.width; ++x) {
      const auto pixel = reinterpret_cast<const std::uint32_t*>(row)[x];  // 0x00RRGGBB
      for (const int shift : {16, 8, 0}) {
        image.pixels.push_back(static_cast<std::uint8_t>(pixel >> shift));
      }
    }
  }
  return image;
}

}  // namespace gan::io
