// The barrier of the blocks of a cluster (PTX ISA, "barrier.cluster").  Needs compute
// capability 9.0.
#pragma once
#include <cuda_runtime.h>

namespace gan::cuda {

// Waits until every thread of the cluster has called it; then all of them see what each wrote
// before.
__device__ __forceinline__ void cluster_wait() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory");
  asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory");
#endif
}

}  // namespace gan::cuda
