// Work for a GPU, recorded once and launched as a whole.
#pragma once
#include <cstddef>
#include <functional>

#include "host/gpu/cuda_backend.h"

struct CUgraphExec_st;  // cudaGraphExec_t points to it

namespace gan::gpu {

class CudaGraph {
 public:
  // Records what `enqueue` enqueues on the backend's stream; and runs none of it.  Arguments
  // of kernels are recorded by their values, so what changes from launch to launch must lie in
  // device memory.
  CudaGraph(const CudaBackend& backend, const std::function<void()>& enqueue);
  ~CudaGraph();
  CudaGraph(const CudaGraph&) = delete;
  CudaGraph& operator=(const CudaGraph&) = delete;

  // Enqueues the whole on the backend's stream.
  void launch() const;

  // Kernels, copies and the like.
  std::size_t nodes() const { return nodes_; }

 private:
  CUstream_st* stream_;
  CUgraphExec_st* executable_ = nullptr;
  std::size_t nodes_ = 0;
};

}  // namespace gan::gpu
