// The update of one parameter's moving average.
#pragma once
#include <cuda_runtime.h>

namespace gan::cuda {

__device__ __forceinline__ void ema_update(float& average, float w, float decay) {
  average += (1 - decay) * (w - average);
}

}  // namespace gan::cuda
