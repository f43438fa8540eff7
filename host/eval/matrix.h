// Row-major matrices on the host: images, samples and features, one a row.
#pragma once
#include <algorithm>
#include <cstddef>
#include <vector>

#include "host/data/idx.h"

namespace gan::eval {

struct MatrixView {
  const float* values;  // (rows, columns)
  int rows, columns;

  std::size_t size() const {
    return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
  }
  const float* row(int i) const {
    return values + static_cast<std::size_t>(i) * static_cast<std::size_t>(columns);
  }
  // `count` rows from `first` on, or as many as there are.
  MatrixView slice(int first, int count) const {
    first = std::min(first, rows);
    return {row(first), std::min(count, rows - first), columns};
  }
};

struct Matrix {
  std::vector<float> values;
  int rows = 0, columns = 0;

  Matrix() = default;
  Matrix(int row_count, int column_count)
      : values(static_cast<std::size_t>(row_count) * static_cast<std::size_t>(column_count)),
        rows(row_count),
        columns(column_count) {}

  MatrixView view() const { return {values.data(), rows, columns}; }
  float* row(int i) {
    return values.data() + static_cast<std::size_t>(i) * static_cast<std::size_t>(columns);
  }
};

// Images with their pixels in [0, 1], one a row.
inline Matrix to_matrix(const data::Images& images) {
  Matrix matrix(images.count, images.height * images.width);
  std::ranges::transform(images.pixels, matrix.values.begin(),
                         [](std::uint8_t pixel) { return static_cast<float>(pixel) / 255; });
  return matrix;
}

}  // namespace gan::eval
