// How a kernel is launched, how it starts, and how it gets its dynamic shared memory.  This file
// has what depends on the compiler; the emulation replaces it.
#pragma once
#include <cuda_runtime.h>

#include <cstddef>
#include <utility>

#include "kernels/cuda/stream.h"

namespace gan::cuda {

// Returns the dynamic shared memory of the running block, as an array of T.
template <class T>
__device__ __forceinline__ T* dynamic_shared() {
  extern __shared__ __align__(16) unsigned char dynamic_shared_bytes[];
  return reinterpret_cast<T*>(dynamic_shared_bytes);
}

// Waits until all work that was enqueued before has ended and its results can be seen, then lets
// the next kernel take its place on the GPU, where that one waits in turn.  So after this call all
// of the stream's earlier work is done, not the predecessor's alone.  A kernel that was not started
// early passes at once.
//
// Every kernel calls this in every thread, before it touches what the kernel in front of it may
// write, and before it writes what that kernel may touch: as its first statement, except in the
// phases of the fused step (TilePlace::await_phase_before).
__device__ __forceinline__ void await_predecessor() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
  cudaGridDependencySynchronize();
  cudaTriggerProgrammaticLaunchCompletion();
#endif
}

// Launches `kernel` with `shared` bytes of dynamic shared memory and, if `count` is 1, with
// `attribute`.
template <class... Parameters, class... Arguments>
cudaError_t launch_with(cudaLaunchAttribute attribute, unsigned count,
                        void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared,
                        cudaStream_t stream, Arguments&&... arguments) {
  cudaLaunchConfig_t config{};
  config.gridDim = grid;
  config.blockDim = block;
  config.dynamicSmemBytes = shared;
  config.stream = stream;
  config.attrs = &attribute;
  config.numAttrs = count;
  return cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...);
}

// Launches `kernel` on `stream` with `shared` bytes of dynamic shared memory.  Asynchronous.
template <class... Parameters, class... Arguments>
cudaError_t launch(void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t shared,
                   CudaStream stream, Arguments&&... arguments) {
  cudaLaunchAttribute early{};
  early.id = cudaLaunchAttributeProgrammaticStreamSerialization;
  early.val.programmaticStreamSerializationAllowed = 1;
  return launch_with(early, stream.start == KernelStart::early ? 1 : 0, kernel, grid, block, shared,
                     stream, std::forward<Arguments>(arguments)...);
}

// The same with all blocks running at the same time, so that they may wait for each other.  Returns
// an error if the device has no room for all of them.
template <class... Parameters, class... Arguments>
cudaError_t launch_cooperative(void (*kernel)(Parameters...), dim3 grid, dim3 block,
                               std::size_t shared, cudaStream_t stream, Arguments&&... arguments) {
  cudaLaunchAttribute cooperative{};
  cooperative.id = cudaLaunchAttributeCooperative;
  cooperative.val.cooperative = 1;
  return launch_with(cooperative, 1, kernel, grid, block, shared, stream,
                     std::forward<Arguments>(arguments)...);
}

}  // namespace gan::cuda
