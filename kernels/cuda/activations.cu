#include "kernels/cuda/activations.h"

#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"

namespace gan {
namespace {

__global__ void __launch_bounds__(cuda::kBlock)
    relu_gradient_kernel(float* dx, const float* dy, const float* y, std::size_t n, float slope) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i < n) dx[i] = y[i] > 0 ? dy[i] : slope * dy[i];
}

__global__ void __launch_bounds__(cuda::kBlock)
    sigmoid_gradient_kernel(float* dx, const float* dy, const float* y, std::size_t n) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i < n) dx[i] = dy[i] * y[i] * (1 - y[i]);
}

}  // namespace

void CudaOps::relu_gradient(float* dx, const float* dy, const float* y, std::size_t n,
                            float slope) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(relu_gradient_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, dx, dy,
                         y, n, slope));
}

void CudaOps::sigmoid_gradient(float* dx, const float* dy, const float* y, std::size_t n) const {
  if (n == 0) return;
  GAN_CHECK(cuda::launch(sigmoid_gradient_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, dx,
                         dy, y, n));
}

}  // namespace gan
