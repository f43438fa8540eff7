// The tensor-core product against its definition, lane by lane by the fragment tables of the PTX
// ISA ("Matrix Fragments for mma.m16n8k8 with .tf32").  The same test runs on a GPU, where it
// compares the instruction with the same tables.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/emulation/device_array.h"
#include "tests/emulation/mma_kernel.h"
#include "tests/kernels/backends.h"

namespace gan::emulation {
namespace {

// Which element of a matrix lane `lane` holds in register `i`: the tables, as they stand there.
struct Element {
  int row, column;
};
Element of_a(int lane, int i) {  // (16, 8)
  const int group = lane >> 2, place = lane % 4;
  return {i == 0 || i == 2 ? group : group + 8, i == 0 || i == 1 ? place : place + 4};
}
Element of_b(int lane, int i) {  // (8, 8)
  const int group = lane >> 2, place = lane % 4;
  return {i == 0 ? place : place + 4, group};
}
Element of_c(int lane, int i) {  // (16, 8)
  const int group = lane >> 2, place = lane % 4;
  return {i < 2 ? group : group + 8, place * 2 + (i & 1)};
}

using Matrix = std::vector<std::vector<float>>;

Matrix zeros(int rows) {
  return Matrix(static_cast<std::size_t>(rows), std::vector<float>(8));
}

float& at(Matrix& matrix, Element element) {
  return matrix[static_cast<std::size_t>(element.row)][static_cast<std::size_t>(element.column)];
}

std::vector<float> fragments(Matrix matrix, int registers, Element (*element)(int, int)) {
  std::vector<float> values;
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < registers; ++i) values.push_back(at(matrix, element(lane, i)));
  return values;
}

Matrix product(Matrix a, Matrix b, Matrix c) {
  const DeviceArray<float> d(32 * 4);
  const DeviceArray<float> device_a(fragments(std::move(a), 4, of_a)),
      device_b(fragments(std::move(b), 2, of_b)), device_c(fragments(std::move(c), 4, of_c));
  launch_mma(d.get(), device_a.get(), device_b.get(), device_c.get());
  const std::vector<float> values = d.values();
  auto value = values.begin();
  Matrix result = zeros(16);
  for (int lane = 0; lane < 32; ++lane)
    for (int i = 0; i < 4; ++i) at(result, of_c(lane, i)) = *value++;
  return result;
}

class Mma : public BackendTest {};

// Every pair of an element of A and one of B meets in one element of D, or in none.
TEST_F(Mma, MultipliesEveryElementByItsOwn) {
  for (int row = 0; row < 16; ++row)
    for (int k = 0; k < 8; ++k) {
      Matrix a = zeros(16), b = zeros(8), expected = zeros(16);
      at(a, {row, k}) = 3;
      for (int i = 0; i < 8; ++i)
        for (int column = 0; column < 8; ++column)
          at(b, {i, column}) = static_cast<float>(1 + 8 * i + column);
      for (int column = 0; column < 8; ++column)
        at(expected, {row, column}) = 3 * at(b, {k, column});
      ASSERT_EQ(product(a, b, zeros(16)), expected) << "A[" << row << "][" << k << "]";
    }
}

// Whole numbers below 2¹¹ are TF32, and their sums are exact.
TEST_F(Mma, AddsTheProductToC) {
  Matrix a = zeros(16), b = zeros(8), c = zeros(16), expected = zeros(16);
  for (int i = 0; i < 16; ++i)
    for (int k = 0; k < 8; ++k) at(a, {i, k}) = static_cast<float>((17 * i + 5 * k) % 23 - 11);
  for (int k = 0; k < 8; ++k)
    for (int j = 0; j < 8; ++j) at(b, {k, j}) = static_cast<float>((7 * k + 11 * j) % 19 - 9);
  for (int i = 0; i < 16; ++i)
    for (int j = 0; j < 8; ++j) {
      at(c, {i, j}) = static_cast<float>(100 * i + j);
      float sum = at(c, {i, j});
      for (int k = 0; k < 8; ++k) sum += at(a, {i, k}) * at(b, {k, j});
      at(expected, {i, j}) = sum;
    }
  EXPECT_EQ(product(a, b, c), expected);
}

TEST_F(Mma, RoundsToTf32AwayFromZeroOnATie) {
  const float one = 1.0f, unit = 0x1p-10f;  // TF32's unit at 1
  std::vector<float> x = {0,
                          -0.0f,
                          one,
                          one + unit,
                          one + unit / 2,
                          one + unit / 2 - 0x1p-23f,
                          one + 1.5f * unit,
                          -one - unit / 2,
                          3.0e38f,
                          1e-30f,
                          std::numeric_limits<float>::infinity()};
  const std::vector<float> rounded = {0,   -0.0f,          one,        one + unit, one + unit,
                                      one, one + 2 * unit, -one - unit};
  x.resize(32);
  const DeviceArray<float> device_x(x), y(32);
  launch_to_tf32(y.get(), device_x.get());
  const std::vector<float> actual = y.values();
  for (std::size_t i = 0; i < rounded.size(); ++i) EXPECT_EQ(actual[i], rounded[i]) << x[i];
  for (std::size_t i = rounded.size(); i < 10; ++i)
    EXPECT_NEAR(actual[i] / x[i], 1, 0x1p-11) << x[i];
  EXPECT_EQ(actual[10], x[10]);
}

}  // namespace
}  // namespace gan::emulation
