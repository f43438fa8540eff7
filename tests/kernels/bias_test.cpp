#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Bias = BackendTest;

struct Shape {
  int B, N;
  std::size_t size() const { return static_cast<std::size_t>(B) * static_cast<std::size_t>(N); }
};

// Around the 32 columns and 8 rows that a block of the CUDA kernel takes, and around its 256
// threads.
constexpr Shape kShapes[] = {{1, 1},  {3, 129}, {127, 785}, {7, 31},  {8, 32},
                             {9, 33}, {257, 1}, {1, 257},   {16, 64}, {65, 63},
                             {5, 51}, {0, 5},   {5, 0},     {1, 255}, {2, 128}};

template <class B>
Values bias_add(const B& backend, const Values& y, const Values& b, Shape shape) {
  const Output<B> sum(backend, y);
  const Input<B> device_b(backend, b);
  backend.bias_add(sum.get(), device_b.get(), shape.B, shape.N);
  return sum.values();
}

template <class B>
Values bias_gradient(const B& backend, const Values& dy, Shape shape) {
  const Output<B> db(backend, static_cast<std::size_t>(shape.N));
  const Input<B> device_dy(backend, dy);
  backend.bias_gradient(db.get(), device_dy.get(), shape.B, shape.N);
  return db.values();
}

TEST_F(Bias, IsAddedToEveryRow) {
  for (const Shape shape : kShapes) {
    SCOPED_TRACE(testing::Message() << shape.B << "×" << shape.N);
    const Values y = random_values(shape.size(), 1);
    const Values b = random_values(static_cast<std::size_t>(shape.N), 2);
    const Values expected = bias_add(reference, y, b, shape);
    EXPECT_TRUE(within(bias_add(backend(), y, b, shape), expected,
                       bound_of(expected, tolerance::kBiasAdd)));
  }
}

TEST_F(Bias, GradientIsTheSumOverTheRows) {
  for (const Shape shape : kShapes) {
    SCOPED_TRACE(testing::Message() << shape.B << "×" << shape.N);
    const Values dy = random_values(shape.size(), 1);
    EXPECT_TRUE(within(bias_gradient(backend(), dy, shape), bias_gradient(reference, dy, shape),
                       bound_of(bias_gradient(reference, magnitudes(dy), shape),
                                tolerance::bias_gradient(shape.B))));
  }
}

}  // namespace
}  // namespace gan
