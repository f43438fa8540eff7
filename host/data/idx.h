#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace gan::data {

struct ImageShape {
  int count, height, width;
};

// Grey images, row by row: pixels is (count, height, width).
struct Images {
  int count, height, width;
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint8_t> labels = {};  // (count), the class of each; empty: not asked for
};

// Readers of IDX, MNIST's file format: big-endian magic number and sizes, then the values; plain or
// gzip, whatever the name says. A file that holds less or more than its header promises is refused,
// as are sizes of zero and above 2³¹ pixels; memory grows with what was read, not with the promise.
Images read_idx_images(const std::filesystem::path& path);
std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& path);

// The header of an image file alone.
ImageShape read_idx_image_shape(const std::filesystem::path& path);

}  // namespace gan::data
