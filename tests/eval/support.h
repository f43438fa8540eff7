// What the tests of the metrics share.
#pragma once
#include <initializer_list>
#include <random>

#include "host/eval/products.h"

namespace gan::eval {

inline const std::unique_ptr<const Products> cpu = cpu_products();

inline Matrix matrix(std::initializer_list<std::initializer_list<float>> rows) {
  Matrix m(static_cast<int>(rows.size()), static_cast<int>(rows.begin()->size()));
  auto out = m.values.begin();
  for (const auto& row : rows) out = std::ranges::copy(row, out).out;
  return m;
}

// Values in [0, 1).
inline Matrix random_matrix(int rows, int columns, std::uint32_t seed) {
  std::mt19937 words(seed);
  Matrix m(rows, columns);
  for (float& value : m.values) value = static_cast<float>(words() >> 8) * 0x1p-24F;
  return m;
}

}  // namespace gan::eval
