// Streams, and how work gets into them.
//
// Work is done at once, when it is submitted, unless the stream is being captured into a graph.
// So streams never overlap and a forgotten synchronisation goes unnoticed here; the counters tell
// how often the host waited.  A graph knows what waits for what, and is carried out in any order
// that this allows (graph_calls.cpp).
#pragma once
#include <cuda_runtime.h>

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "tests/emulation/engine/launch.h"

namespace gan::emulation {

using Work = std::function<cudaError_t()>;

// A piece of work of a graph, and which pieces before it it waits for.
struct Node {
  Work work;
  std::vector<std::size_t> after;
};

// What is being recorded of a stream and of those that were forked from it.
struct Capture {
  cudaStream_t origin;
  std::vector<cudaStream_t> streams;  // all of them
  std::vector<Node> nodes;
  bool ended = false;
};

// A place in a stream that is being captured: the nodes that whatever comes next waits for.
struct CapturedPlace {
  std::shared_ptr<Capture> capture;  // null: the stream is not being captured
  std::vector<std::size_t> after;
};

// Does the work, or keeps it for the graph that is being captured.
cudaError_t submit(cudaStream_t stream, Work work);

// Launches a kernel, once what the hardware would refuse has been refused.  `kernel` identifies
// it; the parameters are copied.
cudaError_t submit_launch(const Launch& launch, const void* kernel, cudaStream_t stream);

bool is_capturing(cudaStream_t stream);

}  // namespace gan::emulation

struct CUstream_st {
  gan::emulation::CapturedPlace place;
};

struct CUevent_st {
  std::chrono::steady_clock::time_point time;
  gan::emulation::CapturedPlace place;  // where it was recorded
};
