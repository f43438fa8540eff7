#include <array>

#include "tests/kernels/backends.h"
#include "tests/kernels/compare.h"
#include "tests/kernels/tolerances.h"

namespace gan {
namespace {

using Gemm = BackendTest;

struct Product {
  Transpose op_a, op_b;
  int M, N, K;
  Start start = Start::offset;
  Into into = Into::replace;
};

std::size_t area(int rows, int columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

template <class B>
Values gemm(const B& backend, const Product& of, const Values& a, const Values& b) {
  const Input<B> device_a(backend, a, of.start), device_b(backend, b, of.start);
  const Values before = random_values(area(of.M, of.N), 3);
  const Output<B> c = of.into == Into::add ? Output<B>(backend, before, of.start)
                                           : Output<B>(backend, before.size(), of.start);
  backend.gemm(c.get(), of.op_a, device_a.get(), of.op_b, device_b.get(), of.M, of.N, of.K,
               of.into);
  return c.values();
}

void expect_right(const TestedBackend& backend, const Product& of) {
  SCOPED_TRACE(testing::Message() << of.M << "×" << of.N << "×" << of.K << ", transposed: a "
                                  << (of.op_a == Transpose::yes) << ", b "
                                  << (of.op_b == Transpose::yes));
  const Values a = random_values(area(of.M, of.K), 1), b = random_values(area(of.K, of.N), 2);
  EXPECT_TRUE(
      within(gemm(backend, of, a, b), gemm(reference, of, a, b),
             bound_of(gemm(reference, of, magnitudes(a), magnitudes(b)), tolerance::gemm(of.K))));
}

TEST_F(Gemm, IsTheProductInEveryOrientation) {
  constexpr int kSizes[][3] = {{1, 1, 1},    {3, 129, 7},   {129, 3, 31}, {31, 32, 33}, {33, 1, 64},
                               {1, 257, 10}, {127, 64, 20}, {2, 3, 785},  {64, 255, 5}};
  for (const Transpose op_a : {Transpose::no, Transpose::yes})
    for (const Transpose op_b : {Transpose::no, Transpose::yes})
      for (const auto& [M, N, K] : kSizes)
        for (const Start start : {Start::aligned, Start::offset})
          expect_right(backend(), {op_a, op_b, M, N, K, start});
}

// One rounding more than the product: that of the last sum, of the product and what was there.
TEST_F(Gemm, IsAdded) {
  for (const Transpose op_a : {Transpose::no, Transpose::yes})
    for (const auto& [M, N, K] : {std::array{3, 129, 7}, {33, 1, 64}, {1, 1, 1}}) {
      const Values a = random_values(area(M, K), 1), b = random_values(area(K, N), 2);
      const Product sum{op_a, Transpose::no, M, N, K, Start::offset, Into::add};
      Product product = sum;
      product.into = Into::replace;
      Values bound = bound_of(gemm(reference, product, magnitudes(a), magnitudes(b)),
                              tolerance::gemm(K) + tolerance::roundings(1));
      const Values before = random_values(area(M, N), 3);
      for (std::size_t i = 0; i < bound.size(); ++i)
        bound[i] += tolerance::roundings(2) * std::abs(before[i]);
      const Values actual = gemm(backend(), sum, a, b), expected = gemm(reference, sum, a, b);
      EXPECT_TRUE(within(actual, expected, bound));
      Values difference = expected;
      for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= before[i];
      EXPECT_TRUE(
          within(difference, gemm(reference, product, a, b), Values(difference.size(), 1e-12)));
    }
}

TEST_F(Gemm, OfNothingAddedChangesNothing) {
  const Product none{Transpose::no, Transpose::no, 5, 7, 0, Start::offset, Into::add};
  EXPECT_TRUE(same(gemm(backend(), none, {}, {}), random_values(35, 3)));
}

TEST_F(Gemm, OfNothingIsZero) {
  const Product sum_of_none{Transpose::no, Transpose::no, 5, 7, 0};
  EXPECT_TRUE(same(gemm(backend(), sum_of_none, {}, {}), Values(35, 0)));
}

TEST_F(Gemm, WithoutRowsOrColumnsWritesNothing) {
  for (const auto& [M, N] : {std::pair{0, 7}, {5, 0}}) {
    const Product none{Transpose::yes, Transpose::no, M, N, 3};
    gemm(backend(), none, random_values(area(M, 3), 1), random_values(area(3, N), 2));
  }
}

#ifdef GAN_TEST_CUDA
// In TF32 both operands are rounded to 10 bits of mantissa first, half a unit each if to nearest; a
// device may cut the bits off instead.
TEST_F(Gemm, RoundsItsOperandsInTf32) {
  const gpu::CudaBackend rough(0, {.precision = Precision::tf32});
  const Product product{Transpose::no, Transpose::yes, 33, 65, 129, Start::aligned};
  const Values a = random_values(area(33, 129), 1), b = random_values(area(129, 65), 2);
  const Values actual = gemm(rough, product, a, b), exact = gemm(reference, product, a, b);
  const Values sizes = gemm(reference, product, magnitudes(a), magnitudes(b));
  EXPECT_TRUE(within(actual, exact, bound_of(sizes, 2 * 0x1p-10 + tolerance::gemm(129))));
  EXPECT_FALSE(within(actual, exact, bound_of(sizes, tolerance::gemm(129))));
}
#endif

}  // namespace
}  // namespace gan
