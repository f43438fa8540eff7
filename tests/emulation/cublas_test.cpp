// cuBLAS's counterpart: products against their definition, and operands that do not fit.
#include <cublas_v2.h>
#include <gtest/gtest.h>

#include "tests/emulation/device_array.h"
#include "tests/emulation/emulation.h"
#include "tests/emulation/engine/observer.h"

namespace gan::emulation {
namespace {

class Cublas : public testing::Test {
 protected:
  Cublas() { EXPECT_EQ(cublasCreate(&handle_), CUBLAS_STATUS_SUCCESS); }
  ~Cublas() override { cublasDestroy(handle_); }

  // C = op(A)·op(B), all without gaps between columns unless `lda` says so.
  cublasStatus_t multiply(cublasOperation_t op_a, cublasOperation_t op_b, const float* a, int lda,
                          const float* b, float* c) {
    const float one = 1, zero = 0;
    return cublasSgemm(handle_, op_a, op_b, kM, kN, kK, &one, a, lda, b,
                       op_b == CUBLAS_OP_N ? kK : kN, &zero, c, kM);
  }

  static constexpr int kM = 2, kN = 3, kK = 4;

 private:
  cublasHandle_t handle_ = nullptr;
};

std::vector<float> numbers(int n) {
  std::vector<float> values;
  for (int i = 0; i < n; ++i) values.push_back(static_cast<float>(i % 5));
  return values;
}

TEST_F(Cublas, MultipliesColumnMajorMatrices) {
  const std::vector<float> a = numbers(kM * kK), b = numbers(kK * kN);
  const DeviceArray<float> da(a), db(b), dc(kM * kN);
  const auto at = [](const std::vector<float>& x, int i) { return x[static_cast<std::size_t>(i)]; };
  for (const cublasOperation_t op_a : {CUBLAS_OP_N, CUBLAS_OP_T})
    for (const cublasOperation_t op_b : {CUBLAS_OP_N, CUBLAS_OP_T}) {
      const int lda = op_a == CUBLAS_OP_N ? kM : kK;
      ASSERT_EQ(multiply(op_a, op_b, da.get(), lda, db.get(), dc.get()), CUBLAS_STATUS_SUCCESS);
      const std::vector<float> c = dc.values();
      for (int i = 0; i < kM; ++i)
        for (int j = 0; j < kN; ++j) {
          float sum = 0;
          for (int k = 0; k < kK; ++k)
            sum += at(a, op_a == CUBLAS_OP_N ? i + k * kM : k + i * kK) *
                   at(b, op_b == CUBLAS_OP_N ? k + j * kK : j + k * kN);
          EXPECT_EQ(at(c, i + j * kM), sum) << "c(" << i << ", " << j << ")";
        }
    }
}

TEST_F(Cublas, RefusesALeadingDimensionBelowTheRows) {
  const DeviceArray<float> a(numbers(8)), b(numbers(12)), c(6);
  EXPECT_EQ(multiply(CUBLAS_OP_N, CUBLAS_OP_N, a.get(), kM - 1, b.get(), c.get()),
            CUBLAS_STATUS_INVALID_VALUE);
}

TEST_F(Cublas, AnOperandPastTheEndIsFound) {
  const DeviceArray<float> a(numbers(8)), b(numbers(12)), c(6);
  EXPECT_NE(multiply(CUBLAS_OP_N, CUBLAS_OP_N, a.get(), kM + 1, b.get(), c.get()),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(take_findings(), std::vector<std::string>{"cublasSgemm: operand A of 44 bytes reaches "
                                                      "outside of device memory"});
}

TEST_F(Cublas, AHostPointerIsFound) {
  std::vector<float> a = numbers(8);
  const DeviceArray<float> b(numbers(12)), c(6);
  EXPECT_NE(multiply(CUBLAS_OP_N, CUBLAS_OP_N, a.data(), kM, b.get(), c.get()),
            CUBLAS_STATUS_SUCCESS);
  EXPECT_EQ(take_findings().size(), 1u);
}

TEST_F(Cublas, AnOperandThatWasNeverWrittenIsFoundByTheChecker) {
  const DeviceArray<float> a(8), b(numbers(12)), c(6);
  EXPECT_EQ(multiply(CUBLAS_OP_N, CUBLAS_OP_N, a.get(), kM, b.get(), c.get()),
            CUBLAS_STATUS_SUCCESS);
  const std::vector<std::string> found = take_findings();
  if (observer() == nullptr) GTEST_SKIP() << "only the checker knows what was written";
  EXPECT_EQ(found,
            std::vector<std::string>{"cublasSgemm: column 0 of operand A was never written"});
}

}  // namespace
}  // namespace gan::emulation
