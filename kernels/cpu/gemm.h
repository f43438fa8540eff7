// Matrix products by CBLAS.
#pragma once
#include <cblas.h>

#include <algorithm>

#include "kernels/cpu/ops.h"
#include "kernels/cpu/parallel.h"

namespace gan {

// Returns the rows (or columns) in one piece of a product whose `count` rows take `multiplications`
// in all.  A piece is a multiple of OpenBLAS's block, takes about 50 µs, and is large enough that
// packing the other operand again for it costs little.  It depends on the shape alone, because
// OpenBLAS rounds a row differently in products of different heights.
inline std::size_t product_grain(int count, double multiplications) {
  constexpr double kLeast = 3e6;
  constexpr std::size_t kBlock = 16, kLeastRows = 64;
  const double least = std::min(kLeast / multiplications, 1.0) * count;
  return std::max((static_cast<std::size_t>(least) + kBlock - 1) / kBlock * kBlock, kLeastRows);
}

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
  // Computes rows [i, i + m) and columns [j, j + n) of c.
  const auto block = [=](int i, int m, int j, int n) {
    const T* const a_rows = a + static_cast<std::ptrdiff_t>(i) * (op_a == Transpose::yes ? 1 : lda);
    const T* const b_columns =
        b + static_cast<std::ptrdiff_t>(j) * (op_b == Transpose::yes ? ldb : 1);
    T* const out = c + static_cast<std::ptrdiff_t>(i) * N + j;
    if constexpr (sizeof(T) == sizeof(float))
      cblas_sgemm(CblasRowMajor, cblas_op(op_a), cblas_op(op_b), m, n, K, 1, a_rows, lda, b_columns,
                  ldb, beta, out, N);
    else
      cblas_dgemm(CblasRowMajor, cblas_op(op_a), cblas_op(op_b), m, n, K, 1, a_rows, lda, b_columns,
                  ldb, beta, out, N);
  };
  // The longer side of c is divided, because every thread reads all of the other operand.
  const int longer = std::max(M, N);
  const std::size_t grain = product_grain(longer, static_cast<double>(M) * N * K);
  in_parallel(static_cast<std::size_t>(longer), grain, [=](std::size_t first, std::size_t last) {
    const int begin = static_cast<int>(first), size = static_cast<int>(last - first);
    if (M >= N)
      block(begin, size, 0, N);
    else
      block(0, M, begin, size);
  });
}

}  // namespace gan
