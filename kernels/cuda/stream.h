// The stream that operations are enqueued on, and how kernels start on it.  No CUDA header is
// needed.
#pragma once

struct CUstream_st;  // cudaStream_t points to it

namespace gan {

// When a kernel starts: after all work before it has ended; or early, while the kernel in front
// still runs, in which case it takes its place on the GPU and waits in cuda::await_predecessor().
// `early` needs a GPU of compute capability 9.0 (programmatic dependent launch).
enum class KernelStart { after_predecessor, early };

// A stream, and how kernels that are launched on it start.
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
