// The stream that operations are enqueued on, and how kernels start on it.  No CUDA header is
// needed.
#pragma once

struct CUstream_st;  // cudaStream_t points to it

namespace gan {

// When a kernel starts: after all work before it has ended; or early, while the kernel in front of
// it still runs, for which it then waits itself (cuda::await_predecessor).  Early is programmatic
// dependent launch, which needs compute capability 9.0.
enum class KernelStart { after_predecessor, early };

struct CudaStream {
  // NOLINTNEXTLINE(google-explicit-constructor): it stands wherever a cudaStream_t does
  CudaStream(CUstream_st* stream = nullptr, KernelStart when = KernelStart::after_predecessor)
      : handle(stream), start(when) {}
  // NOLINTNEXTLINE(google-explicit-constructor)
  operator CUstream_st*() const { return handle; }

  CUstream_st* handle;
  KernelStart start;
};

}  // namespace gan
