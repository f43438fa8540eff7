// cuBLAS's counterpart: CBLAS in column-major order with the same arguments, after checking them.
//
// cuBLAS does not know where an operand ends and reads on; here each must lie within one allocation
// up to its last element, or it is a finding.  In TF32 mode the operands are rounded to 10 bits of
// mantissa, to nearest.  Limits: scalars on the host, another order of summation than the device's.
#include <cblas.h>
#include <cublas_v2.h>

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "tests/emulation/engine/findings.h"
#include "tests/emulation/engine/observer.h"
#include "tests/emulation/runtime/device_memory.h"
#include "tests/emulation/runtime/state.h"
#include "tests/emulation/runtime/stream.h"

using namespace gan::emulation;

struct cublasContext {
  cudaStream_t stream = nullptr;
  cublasMath_t mode = CUBLAS_DEFAULT_MATH;
};

namespace {

// A matrix as it lies in memory, column after column, `stride` elements apart.
struct Matrix {
  const char* name;
  const float* data;
  int rows, columns, stride;

  std::size_t bytes() const {
    const auto last = static_cast<std::size_t>(columns - 1) * static_cast<std::size_t>(stride);
    return (last + static_cast<std::size_t>(rows)) * sizeof(float);
  }
};

bool is_empty(const Matrix& matrix) {
  return matrix.rows == 0 || matrix.columns == 0;
}

bool is_on_device(const Matrix& matrix) {
  if (is_empty(matrix) || device_memory().holds(matrix.data, matrix.bytes())) return true;
  report(std::string("cublasSgemm: operand ") + matrix.name + " of " +
         std::to_string(matrix.bytes()) + " bytes reaches outside of device memory");
  return false;
}

void check_written(const Matrix& matrix) {
  if (observer() == nullptr || is_empty(matrix)) return;
  for (int column = 0; column < matrix.columns; ++column)
    if (!observer()->is_written(matrix.data + static_cast<std::ptrdiff_t>(column) * matrix.stride,
                                static_cast<std::size_t>(matrix.rows) * sizeof(float))) {
      report(std::string("cublasSgemm: column ") + std::to_string(column) + " of operand " +
             matrix.name + " was never written");
      return;
    }
}

void mark_written(const Matrix& matrix) {
  if (observer() == nullptr || is_empty(matrix)) return;
  for (int column = 0; column < matrix.columns; ++column)
    observer()->written(matrix.data + static_cast<std::ptrdiff_t>(column) * matrix.stride,
                        static_cast<std::size_t>(matrix.rows) * sizeof(float));
}

std::vector<float> rounded_to_tf32(const Matrix& matrix) {
  if (is_empty(matrix)) return {};
  std::vector<float> values(matrix.data, matrix.data + matrix.bytes() / sizeof(float));
  for (float& value : values)
    value = std::bit_cast<float>((std::bit_cast<std::uint32_t>(value) + 0x1000u) & ~0x1FFFu);
  return values;
}

CBLAS_TRANSPOSE cblas_op(cublasOperation_t op) {
  return op == CUBLAS_OP_N ? CblasNoTrans : CblasTrans;
}

}  // namespace

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  *handle = new cublasContext;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
  handle->mode = mode;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t, void* workspace, size_t bytes) {
  return device_memory().holds(workspace, bytes) ? CUBLAS_STATUS_SUCCESS
                                                 : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasSgemm_v2(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b,
                              int m, int n, int k, const float* alpha, const float* a, int lda,
                              const float* b, int ldb, const float* beta, float* c, int ldc) {
  const bool plain_a = op_a == CUBLAS_OP_N, plain_b = op_b == CUBLAS_OP_N;
  const Matrix matrix_a{"A", a, plain_a ? m : k, plain_a ? k : m, lda};
  const Matrix matrix_b{"B", b, plain_b ? k : n, plain_b ? n : k, ldb};
  const Matrix matrix_c{"C", c, m, n, ldc};
  if (m < 0 || n < 0 || k < 0) return CUBLAS_STATUS_INVALID_VALUE;
  for (const Matrix& matrix : {matrix_a, matrix_b, matrix_c})
    if (matrix.stride < std::max(1, matrix.rows)) return CUBLAS_STATUS_INVALID_VALUE;
  if (m == 0 || n == 0) return CUBLAS_STATUS_SUCCESS;
  if (!is_on_device(matrix_a) || !is_on_device(matrix_b) || !is_on_device(matrix_c))
    return CUBLAS_STATUS_EXECUTION_FAILED;

  const bool tf32 = handle->mode == CUBLAS_TF32_TENSOR_OP_MATH;
  const cudaError_t error = submit(handle->stream, [=, alpha = *alpha, beta = *beta] {
    ++mutable_counters().gemms;
    check_written(matrix_a);
    check_written(matrix_b);
    if (beta != 0) check_written(matrix_c);
    const std::vector<float> rounded_a = tf32 ? rounded_to_tf32(matrix_a) : std::vector<float>();
    const std::vector<float> rounded_b = tf32 ? rounded_to_tf32(matrix_b) : std::vector<float>();
    cblas_sgemm(CblasColMajor, cblas_op(op_a), cblas_op(op_b), m, n, k, alpha,
                tf32 ? rounded_a.data() : a, lda, tf32 ? rounded_b.data() : b, ldb, beta, c, ldc);
    mark_written(matrix_c);
    return cudaSuccess;
  });
  return error == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

const char* cublasGetStatusName(cublasStatus_t status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS:
      return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_INVALID_VALUE:
      return "CUBLAS_STATUS_INVALID_VALUE";
    default:
      return "CUBLAS_STATUS_EXECUTION_FAILED";
  }
}
const char* cublasGetStatusString(cublasStatus_t status) {
  return status == CUBLAS_STATUS_SUCCESS ? "success" : "refused by the emulated cuBLAS";
}
