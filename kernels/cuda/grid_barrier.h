// The barrier of all blocks of a cooperative launch: after it, every block sees what each wrote
// before it.
#pragma once
#include "kernels/cuda/memory_order.h"

namespace gan::cuda {

// `arrivals` only grows (and wraps), so that nothing has to be reset between two barriers; `before`
// is its value before the first one.
class GridBarrier {
 public:
  __device__ __forceinline__ GridBarrier(unsigned* arrivals, unsigned before)
      : arrivals_(arrivals), target_(before) {}

  // All threads of the block call arrive(), and wait() before the next arrive(); in between they
  // may do independent work.  Calling wait() again is harmless.
  __device__ __forceinline__ void arrive() {
    target_ += gridDim.x;
    __syncthreads();
    if (threadIdx.x == 0) add_release(arrivals_, 1);
  }
  __device__ __forceinline__ void wait() const {
    if (threadIdx.x == 0) wait_until_reached(arrivals_, target_);
    __syncthreads();
  }
  __device__ __forceinline__ void sync() {
    arrive();
    wait();
  }

 private:
  unsigned* arrivals_;
  unsigned target_;
};

}  // namespace gan::cuda
