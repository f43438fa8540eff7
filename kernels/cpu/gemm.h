// Matrix products: CBLAS.
#pragma once
#include <cblas.h>

#include <algorithm>

#include "kernels/cpu/ops.h"

namespace gan {

template <class T>
void CpuOps<T>::gemm(T* c, Transpose op_a, const T* a, Transpose op_b, const T* b, int M, int N,
                     int K, Into into) const {
  if (M == 0 || N == 0) return;
  if (K == 0) {
    if (into == Into::replace)
      std::fill_n(c, static_cast<std::size_t>(M) * static_cast<std::size_t>(N), T{0});
    return;
  }
  const auto cblas_op = [](Transpose op) {
    return op == Transpose::yes ? CblasTrans : CblasNoTrans;
  };
  const int lda = op_a == Transpose::yes ? M : K;
  const int ldb = op_b == Transpose::yes ? K : N;
  const T beta = into == Into::add ? 1 : 0;
  if constexpr (sizeof(T) == sizeof(float)) {
    cblas_sgemm(CblasRowMajor, cblas_op(op_a), cblas_op(op_b), M, N, K, 1, a, lda, b, ldb, beta, c,
                N);
  } else {
    cblas_dgemm(CblasRowMajor, cblas_op(op_a), cblas_op(op_b), M, N, K, 1, a, lda, b, ldb, beta, c,
                N);
  }
}

}  // namespace gan
