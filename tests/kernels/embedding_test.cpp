#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Embedding = BackendTest;

struct Shape {
  int B, N, classes;
  std::size_t rows() const { return static_cast<std::size_t>(B); }
  std::size_t size() const { return rows() * static_cast<std::size_t>(N); }
  std::size_t embedding() const {
    return static_cast<std::size_t>(classes) * static_cast<std::size_t>(N);
  }
};

// Around the 32 columns and 8 rows that a block of the CUDA kernel takes, and around its 256
// threads; with one class, and as many as there can be.
constexpr Shape kShapes[] = {{1, 1, 1},   {3, 129, 2}, {127, 65, 10}, {7, 31, 3},  {8, 32, 4},
                             {9, 33, 10}, {257, 1, 5}, {1, 257, 256}, {65, 63, 7}, {300, 5, 256},
                             {0, 5, 3},   {5, 0, 3},   {2, 128, 2}};

void PrintTo(const Shape& shape, std::ostream* out) {
  *out << shape.B << "×" << shape.N << ", " << shape.classes << " classes";
}

// Classes without an order, some of them more often than others; the last is among them.
std::vector<std::uint8_t> classes_of(Shape shape) {
  std::vector<std::uint8_t> classes;
  for (const double u : random_values(shape.rows(), 7, 0, 1))
    classes.push_back(static_cast<std::uint8_t>(u * u * shape.classes));
  if (!classes.empty()) classes.back() = static_cast<std::uint8_t>(shape.classes - 1);
  return classes;
}

template <class B>
Values added(const B& backend, const Values& y, const Values& e, Shape shape) {
  const Output<B> sum(backend, y);
  const Input<B> device_e(backend, e);
  const Input<B, std::uint8_t> classes(backend, classes_of(shape));
  backend.add_embedding(sum.get(), device_e.get(), classes.get(), shape.B, shape.N);
  return sum.values();
}

template <class B>
Values gradient(const B& backend, const Values& dy, Shape shape) {
  const Output<B> de(backend, shape.embedding());
  const Input<B> device_dy(backend, dy);
  const Input<B, std::uint8_t> classes(backend, classes_of(shape));
  backend.embedding_gradient(de.get(), device_dy.get(), classes.get(), shape.B, shape.N,
                             shape.classes);
  return de.values();
}

TEST_F(Embedding, IsAddedToTheRowsOfItsClass) {
  for (const Shape shape : kShapes) {
    SCOPED_TRACE(testing::PrintToString(shape));
    const Values y = random_values(shape.size(), 1), e = random_values(shape.embedding(), 2);
    const Values expected = added(reference, y, e, shape);
    EXPECT_TRUE(
        within(added(backend(), y, e, shape), expected, bound_of(expected, tolerance::kBiasAdd)));
  }
}

TEST_F(Embedding, GradientIsTheSumOverTheRowsOfEachClass) {
  for (const Shape shape : kShapes) {
    SCOPED_TRACE(testing::PrintToString(shape));
    const Values dy = random_values(shape.size(), 1);
    EXPECT_TRUE(within(gradient(backend(), dy, shape), gradient(reference, dy, shape),
                       bound_of(gradient(reference, magnitudes(dy), shape),
                                tolerance::bias_gradient(std::max(shape.B, 1)))));
  }
}

// The reference against what a one-hot input does that is appended to x: y = x·wᵀ + c·e.
TEST_F(Embedding, IsThatOfAOneHotInput) {
  constexpr Shape kShape{9, 5, 4};
  const std::vector<std::uint8_t> classes = classes_of(kShape);
  Values one_hot(kShape.rows() * 4);
  for (std::size_t i = 0; i < classes.size(); ++i) one_hot[4 * i + classes[i]] = 1;
  const Values y = random_values(kShape.size(), 1), e = random_values(kShape.embedding(), 2);
  Values expected = y, expected_gradient(kShape.embedding());
  reference.gemm(expected.data(), Transpose::no, one_hot.data(), Transpose::no, e.data(), 9, 5, 4,
                 Into::add);
  reference.gemm(expected_gradient.data(), Transpose::yes, one_hot.data(), Transpose::no, y.data(),
                 4, 5, 9);
  EXPECT_TRUE(within(added(reference, y, e, kShape), expected, Values(expected.size(), 1e-14)));
  EXPECT_TRUE(within(gradient(reference, y, kShape), expected_gradient,
                     Values(expected_gradient.size(), 1e-14)));
}

}  // namespace
}  // namespace gan
