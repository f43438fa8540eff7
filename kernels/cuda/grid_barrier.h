// Where all blocks of a cooperative launch wait for each other: what they wrote before it is seen
// by all of them behind it.
#pragma once
#include "kernels/cuda/memory_order.h"

namespace gan::cuda {

// `arrivals` only grows (and wraps), so that nothing has to be reset between two barriers; `before`
// is what it holds at the start.
class GridBarrier {
 public:
  __device__ __forceinline__ GridBarrier(unsigned* arrivals, unsigned before)
      : arrivals_(arrivals), target_(before) {}

  __device__ __forceinline__ void wait() {
    target_ += gridDim.x;
    __syncthreads();
    if (threadIdx.x == 0) {
      add_release(arrivals_, 1);
      while (static_cast<int>(load_acquire(arrivals_) - target_) < 0) {
      }
    }
    __syncthreads();
  }

 private:
  unsigned* arrivals_;
  unsigned target_;
};

}  // namespace gan::cuda
