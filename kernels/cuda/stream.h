// The stream that operations are enqueued on, and how kernels start on it.  No CUDA header is
// needed.
#pragma once

struct CUstream_st;  // cudaStream_t points to it

namespace gan {

// After what is before it has ended; or early, while the kernel before it still runs:
// then it gets its place on the GPU and waits there itself (cuda::await_predecessor).  Needs a GPU
// of compute capability 9.0, whose programmatic dependent launch this is.
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
