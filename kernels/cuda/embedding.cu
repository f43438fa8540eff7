// The rows of an embedding: adding them to the rows of their class, and their gradient.
#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"

namespace gan {
namespace {

__global__ void __launch_bounds__(cuda::kBlock)
    add_embedding_kernel(float* y, const float* e, const std::uint8_t* classes, std::size_t n,
                         int N) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i >= n) return;
  const std::size_t row = i / N;
  y[i] += e[static_cast<std::size_t>(classes[row]) * N + (i - row * N)];
}

constexpr int kColumns = 32;  // of a block; a warp reads one row of them
constexpr int kLanes = 8;     // threads that share a column's rows

// A block has one class.  Thread (j, lane) sums those of the rows lane, lane + kLanes, … of one
// column that are of this class; then lane 0 adds up the lanes in order.
__global__ void __launch_bounds__(kColumns* kLanes)
    embedding_gradient_kernel(float* de, const float* dy, const std::uint8_t* classes, int B,
                              int N) {
  cuda::await_predecessor();
  __shared__ float partial[kLanes][kColumns];
  const int column = blockIdx.x * kColumns + threadIdx.x;
  float sum = 0;
  if (column < N)
    for (int i = threadIdx.y; i < B; i += kLanes)
      if (classes[i] == blockIdx.y) sum += dy[static_cast<std::size_t>(i) * N + column];
  partial[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y == 0 && column < N) {
    for (int lane = 1; lane < kLanes; ++lane) sum += partial[lane][threadIdx.x];
    de[static_cast<std::size_t>(blockIdx.y) * N + column] = sum;
  }
}

}  // namespace

void CudaOps::add_embedding(float* y, const float* e, const std::uint8_t* classes, int B,
                            int N) const {
  const std::size_t n = static_cast<std::size_t>(B) * static_cast<std::size_t>(N);
  if (n == 0) return;
  GAN_CHECK(cuda::launch(add_embedding_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, y, e,
                         classes, n, N));
}

void CudaOps::embedding_gradient(float* de, const float* dy, const std::uint8_t* classes, int B,
                                 int N, int count) const {
  if (N == 0 || count == 0) return;
  const dim3 grid((N + kColumns - 1) / kColumns, count), block(kColumns, kLanes);
  GAN_CHECK(cuda::launch(embedding_gradient_kernel, grid, block, 0, stream, de, dy, classes, B, N));
}

}  // namespace gan
