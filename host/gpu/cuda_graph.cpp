#include "host/gpu/cuda_graph.h"

#include <cuda_runtime.h>

#include <memory>

#include "kernels/cuda/check.h"

namespace gan::gpu {
namespace {

struct Destroy {
  void operator()(cudaGraph_t graph) const { cudaGraphDestroy(graph); }
};
using Graph = std::unique_ptr<std::remove_pointer_t<cudaGraph_t>, Destroy>;

// Ends the recording whatever happens, for a stream that records can do nothing else.
Graph record(cudaStream_t stream, const std::function<void()>& enqueue) {
  GAN_CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
  cudaGraph_t graph = nullptr;
  try {
    enqueue();
  } catch (...) {
    (void)cudaStreamEndCapture(stream, &graph);
    (void)Graph(graph);
    throw;
  }
  GAN_CHECK(cudaStreamEndCapture(stream, &graph));
  return Graph(graph);
}

}  // namespace

CudaGraph::CudaGraph(const CudaBackend& backend, const std::function<void()>& enqueue)
    : stream_(backend.stream) {
  const Graph graph = record(stream_, enqueue);
  GAN_CHECK(cudaGraphGetNodes(graph.get(), nullptr, &nodes_));
  GAN_CHECK(cudaGraphInstantiate(&executable_, graph.get(), 0));
}

CudaGraph::~CudaGraph() {
  cudaGraphExecDestroy(executable_);
}

void CudaGraph::launch() const {
  GAN_CHECK(cudaGraphLaunch(executable_, stream_));
}

}  // namespace gan::gpu
