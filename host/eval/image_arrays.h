// Arrays of numbers as images.
#pragma once
#include <cstdint>
#include <vector>

#include "host/eval/products.h"
#include "host/io/safetensors.h"

namespace gan::eval {

struct ImageRequest {
  int count;   // images at most
  int pixels;  // of an image
  int white;   // their value: 1 or 255; 0: 255 of uint8, else 1
};

// Whether an array of this shape is images with so many pixels: (n, pixels), (n, height, width),
// (n, height, width, 1) or (n, 1, height, width).
bool is_images(const std::vector<std::int64_t>& shape, int pixels);

// How many of the images in an array of this shape are wanted.  Throws std::runtime_error with what
// was found when it is not such images.
int wanted_images(const std::vector<std::int64_t>& shape, const ImageRequest& request);

// Throws std::runtime_error for pixels outside [0, 1], with their range, and for uint8 that are all
// 0 or 1, which may be truth values or nearly black: the question names the options.
void require_pixels(const Matrix& images, io::ValueType type, const ImageRequest& request);

// The first images of the tensor.
Matrix first_images(const io::Tensor& tensor, const ImageRequest& request);

}  // namespace gan::eval
