// The products on a GPU, or emulated, against those on the CPU.
#include "host/eval/products.h"

#include <gmock/gmock.h>

#include <cmath>

#include "host/eval/pairs.h"
#include "host/eval/parzen.h"
#include "tests/eval/support.h"
#include "tests/kernels/backends.h"

namespace gan::eval {
namespace {

class CudaProducts : public BackendTest {
 protected:
  // Made for each test: a suite that is skipped has no GPU to make it on.
  void SetUp() override {
    BackendTest::SetUp();
    if (!IsSkipped() && !HasFatalFailure()) cuda_ = cuda_products(0);
  }
  std::unique_ptr<const Products> cuda_;
};

Matrix all_products(const Products& products, MatrixView a, MatrixView b) {
  Matrix all(a.rows, b.rows);
  int next = 0;
  products.for_each_block(a, b, [&](int first, MatrixView block) {
    EXPECT_EQ(first, next) << "blocks come in order";
    EXPECT_EQ(block.columns, b.rows);
    std::copy_n(block.values, block.size(), all.row(first));
    next = first + block.rows;
  });
  EXPECT_EQ(next, a.rows);
  return all;
}

// One block, blocks that fill up, and a last one that does not.
TEST_F(CudaProducts, AreThoseOfTheCpu) {
  for (const auto& [rows, columns, length] :
       {std::tuple{1, 1, 1}, {7, 13, 5}, {256, 9, 3}, {257, 9, 3}, {512, 2, 17}, {1100, 31, 20}}) {
    const Matrix a = random_matrix(rows, length, 1), b = random_matrix(columns, length, 2);
    const Matrix actual = all_products(*cuda_, a.view(), b.view());
    const Matrix expected = all_products(*cpu, a.view(), b.view());
    // Sums of `length` products in [0, 1), in any order.
    EXPECT_THAT(actual.values,
                testing::Pointwise(testing::FloatNear(1e-6F * length), expected.values))
        << rows << "x" << columns;
  }
}

// 1003 rows: a network takes 1000 at a time.
TEST_F(CudaProducts, PassForwardAsOnTheCpu) {
  for (const auto last :
       {model::Activation::sigmoid, model::Activation::none, model::Activation::relu})
    for (const std::vector<int>& hidden : {std::vector<int>{}, {9}, {9, 6}}) {
      const model::NetworkShape shape(5, hidden, 7, last);
      std::vector<float> arena = random_matrix(1, static_cast<int>(shape.arena), 3).values;
      for (float& value : arena) value -= 0.5F;
      const Matrix x = random_matrix(1003, 5, 4);
      const Matrix actual = cuda_->forward(shape, arena, x.view());
      const Matrix expected = cpu->forward(shape, arena, x.view());
      ASSERT_EQ(actual.rows, 1003);
      ASSERT_EQ(actual.columns, 7);
      EXPECT_THAT(actual.values, testing::Pointwise(testing::FloatNear(1e-5F), expected.values));
    }
}

TEST_F(CudaProducts, GiveTheSameDistancesAndScore) {
  const Matrix samples = random_matrix(300, 12, 5), points = random_matrix(600, 12, 6);
  std::vector<float> sums[2] = {std::vector<float>(600), std::vector<float>(600)};
  for (const bool on_gpu : {false, true})
    for_each_row_of_distances(
        on_gpu ? *cuda_ : *cpu, points.view(), samples.view(), [&](int i, std::span<float> d2) {
          for (float& value : d2)  // it may overwrite them
            sums[on_gpu][static_cast<std::size_t>(i)] += std::exchange(value, 0.0F);
        });
  EXPECT_THAT(sums[1], testing::Pointwise(testing::FloatNear(1e-3F), sums[0]));  // of some 600
  const ParzenProtocol protocol{points.view().slice(0, 100), points.view()};
  const ParzenScore actual = parzen_score(*cuda_, samples.view(), protocol);
  const ParzenScore expected = parzen_score(*cpu, samples.view(), protocol);
  EXPECT_EQ(actual.sigma, expected.sigma);
  EXPECT_NEAR(actual.log_likelihood, expected.log_likelihood, 1e-4);
}

}  // namespace
}  // namespace gan::eval
