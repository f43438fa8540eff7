#include "kernels/cuda/activations.h"
#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"

namespace gan {
namespace {

template <class Activation>
__global__ void __launch_bounds__(cuda::kBlock)
    bias_kernel(float* y, const float* b, std::size_t n, int N, Activation activation) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i < n) y[i] = activation(y[i] + b[i % N]);
}

struct Identity {
  __device__ __forceinline__ float operator()(float x) const { return x; }
};
struct Relu {
  float slope;
  __device__ __forceinline__ float operator()(float x) const { return cuda::leaky(x, slope); }
};
struct Sigmoid {
  __device__ __forceinline__ float operator()(float x) const { return cuda::sigmoid_of(x); }
};

template <class Activation>
void launch_bias(float* y, const float* b, int B, int N, Activation activation, CudaStream stream) {
  const std::size_t n = static_cast<std::size_t>(B) * static_cast<std::size_t>(N);
  if (n == 0) return;
  GAN_CHECK(cuda::launch(bias_kernel<Activation>, cuda::blocks_for(n), cuda::kBlock, 0, stream, y,
                         b, n, N, activation));
}

constexpr int kColumns = 32;  // of a block; a warp reads one row of them
constexpr int kLanes = 8;     // threads that share a column's rows

// Thread (j, lane) sums rows lane, lane + kLanes, … of one column; then lane 0 adds up the lanes in
// order.
__global__ void __launch_bounds__(kColumns* kLanes)
    bias_gradient_kernel(float* db, const float* dy, int B, int N) {
  cuda::await_predecessor();
  __shared__ float partial[kLanes][kColumns];
  const int column = blockIdx.x * kColumns + threadIdx.x;
  float sum = 0;
  if (column < N)
    for (int i = threadIdx.y; i < B; i += kLanes)
      sum += dy[static_cast<std::size_t>(i) * N + column];
  partial[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y == 0 && column < N) {
    for (int lane = 1; lane < kLanes; ++lane) sum += partial[lane][threadIdx.x];
    db[column] = sum;
  }
}

}  // namespace

void CudaOps::bias_add(float* y, const float* b, int B, int N) const {
  launch_bias(y, b, B, N, Identity{}, stream);
}

void CudaOps::bias_relu(float* y, const float* b, int B, int N, float slope) const {
  launch_bias(y, b, B, N, Relu{slope}, stream);
}

void CudaOps::bias_sigmoid(float* y, const float* b, int B, int N) const {
  launch_bias(y, b, B, N, Sigmoid{}, stream);
}

void CudaOps::bias_gradient(float* db, const float* dy, int B, int N) const {
  if (N == 0) return;
  const dim3 grid((N + kColumns - 1) / kColumns), block(kColumns, kLanes);
  GAN_CHECK(cuda::launch(bias_gradient_kernel, grid, block, 0, stream, db, dy, B, N));
}

}  // namespace gan
