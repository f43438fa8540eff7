#include "host/eval/image_arrays.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace gan::eval {
namespace {

// Grey images, of any size; an empty array is none.
bool is_grey(const std::vector<std::int64_t>& shape) {
  const bool grey = shape.size() == 2 || shape.size() == 3 ||
                    (shape.size() == 4 && (shape[1] == 1 || shape[3] == 1));
  return grey && std::ranges::none_of(shape, [](std::int64_t extent) { return extent == 0; });
}

std::uint64_t pixels_of(const std::vector<std::int64_t>& shape) {
  std::uint64_t pixels = 1;
  for (std::size_t k = 1; k < shape.size(); ++k) pixels *= static_cast<std::uint64_t>(shape[k]);
  return pixels;
}

float white_of(io::ValueType type, const ImageRequest& request) {
  if (request.white != 0) return static_cast<float>(request.white);
  return type == io::ValueType::u8 ? 255.0F : 1.0F;
}

std::string advice(float least, float most) {
  if (least < 0 && least >= -1 && most <= 1) return "; save (x + 1) / 2 of them";
  if (least >= 0 && most > 1 && most <= 255) return "; if 255 is white, say --white 255";
  return "";
}

}  // namespace

bool is_images(const std::vector<std::int64_t>& shape, int pixels) {
  return is_grey(shape) && pixels_of(shape) == static_cast<std::uint64_t>(pixels);
}

int wanted_images(const std::vector<std::int64_t>& shape, const ImageRequest& request) {
  if (!is_grey(shape))
    throw std::runtime_error(fmt::format(
        "its array is not images: it is ({}), not (n, pixels), (n, height, width), (n, height, "
        "width, 1) or (n, 1, height, width)",
        fmt::join(shape, ", ")));
  if (!is_images(shape, request.pixels))
    throw std::runtime_error(fmt::format("its images have {} pixels, but those of the data {}",
                                         pixels_of(shape), request.pixels));
  return static_cast<int>(std::min<std::int64_t>(shape[0], request.count));
}

void require_pixels(const Matrix& images, io::ValueType type, const ImageRequest& request) {
  if (std::ranges::any_of(images.values, [](float v) { return !std::isfinite(v); }))
    throw std::runtime_error("its pixels are not all in [0, 1]: some are not finite numbers");
  const auto [least, most] = std::ranges::minmax(images.values);
  if (least < 0 || most > 1)
    throw std::runtime_error(fmt::format("its pixels are not all in [0, 1]: {} to {}{}",
                                         least * static_cast<float>(std::max(request.white, 1)),
                                         most * static_cast<float>(std::max(request.white, 1)),
                                         advice(least, most)));
  if (type == io::ValueType::u8 && request.white == 0 && most == 1 / 255.0F)
    throw std::runtime_error(
        "its uint8 pixels are all 0 or 1: say --white 1 if 1 is white, or --white 255 if 255 is "
        "and they are nearly black");
}

Matrix first_images(const io::Tensor& tensor, const ImageRequest& request) {
  Matrix images(wanted_images(tensor.shape, request), request.pixels);
  const float white = white_of(tensor.type, request);
  std::transform(tensor.values.begin(),
                 tensor.values.begin() + static_cast<std::ptrdiff_t>(images.values.size()),
                 images.values.begin(), [white](float v) { return v / white; });
  require_pixels(images, tensor.type, request);
  return images;
}

}  // namespace gan::eval
