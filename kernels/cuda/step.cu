#include "kernels/cuda/check.h"
#include "kernels/cuda/elementwise.h"
#include "kernels/cuda/ops.h"
#include "kernels/cuda/pixels.h"

namespace gan {
namespace {

// One block for each row.
__global__ void __launch_bounds__(cuda::kBlock)
    gather_kernel(float* x, ImageSet set, const Clock* clock, int batch) {
  cuda::await_predecessor();
  const std::size_t first = set.first_of_batch(clock->step, batch);
  const std::size_t pixels = set.pixels;
  const std::uint8_t* image = set.images + set.order[first + blockIdx.x] * pixels;
  float* row = x + blockIdx.x * pixels;
  for (std::size_t i = threadIdx.x; i < pixels; i += cuda::kBlock)
    row[i] = cuda::pixel_value(image[i]);
}

__global__ void __launch_bounds__(cuda::kBlock)
    gather_labels_kernel(std::uint8_t* labels, ImageSet set, const Clock* clock, int B, int batch,
                         std::size_t n) {
  cuda::await_predecessor();
  const std::size_t i = cuda::element();
  if (i >= n) return;
  labels[i] = set.labels[set.order[set.first_of_batch(clock->step, batch) + i % B]];
}

constexpr int kWarp = 32, kClockValues = 6;

// Moves the clock on.  One thread for each of its values, in a warp of its own, so that the slow
// powers in double run side by side.
__device__ __forceinline__ void advance_values(Clock* clock, std::uint64_t step,
                                               const ClockSettings& settings) {
  switch (threadIdx.x / kWarp) {
    case 0:
      clock->step = step + 1;
      break;
    case 1:
      clock->rate = clock_rate(step + 1, settings);
      break;
    case 2:
      clock->scale = clock_scale(step + 1, settings);
      break;
    case 3:
      clock->ema = clock_ema(step + 1, settings);
      break;
    case 4:
      clock->momentum = momentum_at(settings.momentum, step + 1);
      break;
    case 5:
      clock->penalty = rate_at(settings.penalty, step + 1);
      break;
  }
}

// `losses` may be null; then nothing is recorded.
__global__ void __launch_bounds__(kClockValues* kWarp)
    finish_step_kernel(StepLosses<float>* ring, int ring_size, const StepLosses<float>* losses,
                       Clock* clock, const __grid_constant__ ClockSettings settings) {
  cuda::await_predecessor();
  const std::uint64_t step = clock->step;
  __syncthreads();
  if (threadIdx.x % kWarp != 0) return;
  if (losses && threadIdx.x == 0) ring[step % ring_size] = *losses;
  advance_values(clock, step, settings);
}

void launch_finish(StepLosses<float>* ring, int ring_size, const StepLosses<float>* losses,
                   Clock* clock, const ClockSettings& settings, CudaStream stream) {
  GAN_CHECK(cuda::launch(finish_step_kernel, 1, kClockValues * kWarp, 0, stream, ring, ring_size,
                         losses, clock, settings));
}

}  // namespace

void CudaOps::gather(float* x, ImageSet set, const Clock* clock, int B, int batch) const {
  if (B == 0 || set.pixels == 0) return;
  GAN_CHECK(cuda::launch(gather_kernel, B, cuda::kBlock, 0, stream, x, set, clock, batch));
}

void CudaOps::gather_labels(std::uint8_t* labels, ImageSet set, const Clock* clock, int B,
                            int batch, int copies) const {
  const std::size_t n = static_cast<std::size_t>(B) * static_cast<std::size_t>(copies);
  if (n == 0) return;
  GAN_CHECK(cuda::launch(gather_labels_kernel, cuda::blocks_for(n), cuda::kBlock, 0, stream, labels,
                         set, clock, B, batch, n));
}

void CudaOps::finish_step(StepLosses<float>* ring, int ring_size, const StepLosses<float>* losses,
                          Clock* clock, ClockSettings settings) const {
  launch_finish(ring, ring_size, losses, clock, settings, stream);
}

void CudaOps::advance(Clock* clock, ClockSettings settings) const {
  launch_finish(nullptr, 1, nullptr, clock, settings, stream);
}

}  // namespace gan
