// Matrix products: oneDNN's in float, for it has the fastest code for any x86-64
// (docs/performance.md); CBLAS in double, the reference.
#pragma once
#include <cblas.h>
#include <dnnl.h>

#include <algorithm>
#include <new>

#include "kernels/cpu/ops.h"

namespace gan {

// What both libraries are asked for, row-major: c = op(a)·op(b) + beta·c.
template <class T>
struct Product {
  Transpose op_a, op_b;
  int M, N, K;
  const T *a, *b;
  T beta, *c;

  int lda() const { return op_a == Transpose::yes ? M : K; }
  int ldb() const { return op_b == Transpose::yes ? K : N; }
};

inline void multiply(const Product<float>& p) {
  const auto op = [](Transpose transpose) { return transpose == Transpose::yes ? 'T' : 'N'; };
  const dnnl_status_t status = dnnl_sgemm(op(p.op_a), op(p.op_b), p.M, p.N, p.K, 1, p.a, p.lda(),
                                          p.b, p.ldb(), p.beta, p.c, p.N);
  if (status != dnnl_success) throw std::bad_alloc();  // the arguments are right
}

inline void multiply(const Product<double>& p) {
  const auto op = [](Transpose transpose) {
    return transpose == Transpose::yes ? CblasTrans : CblasNoTrans;
  };
  cblas_dgemm(CblasRowMajor, op(p.op_a), op(p.op_b), p.M, p.N, p.K, 1, p.a, p.lda(), p.b, p.ldb(),
              p.beta, p.c, p.N);
}

template <class T>
void CpuOps<T>::gemm(T* c, Transpose op_a, const T* a, Transpose op_b, const T* b, int M, int N,
                     int K, Into into) const {
  if (M == 0 || N == 0) return;
  if (K > 0)
    multiply({op_a, op_b, M, N, K, a, b, static_cast<T>(into == Into::add ? 1 : 0), c});
  else if (into == Into::replace)
    std::fill_n(c, static_cast<std::size_t>(M) * static_cast<std::size_t>(N), T{0});
}

}  // namespace gan
