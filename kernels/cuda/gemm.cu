// Matrix products by cuBLAS, which is column-major.  Only this file deals with that: a row-major c
// = op(a)·op(b) is the column-major cᵀ = op(b)ᵀ·op(a)ᵀ, so the operands change places and nothing
// is transposed.
#include "kernels/cuda/check.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/ops.h"

namespace gan {

void CudaOps::gemm(float* c, Transpose op_a, const float* a, Transpose op_b, const float* b, int M,
                   int N, int K, Into into) const {
  if (M == 0 || N == 0) return;
  if (K == 0) {
    if (into == Into::add) return;
    const std::size_t bytes =
        static_cast<std::size_t>(M) * static_cast<std::size_t>(N) * sizeof(float);
    GAN_CHECK(cudaMemsetAsync(c, 0, bytes, stream));
    return;
  }
  const auto cublas_op = [](Transpose op) {
    return op == Transpose::yes ? CUBLAS_OP_T : CUBLAS_OP_N;
  };
  const int lda = op_a == Transpose::yes ? M : K;
  const int ldb = op_b == Transpose::yes ? K : N;
  const float one = 1, beta = into == Into::add ? 1 : 0;
  GAN_CHECK(cublasSgemm(blas, cublas_op(op_b), cublas_op(op_a), N, M, K, &one, b, ldb, a, lda,
                        &beta, c, N));
}

}  // namespace gan
