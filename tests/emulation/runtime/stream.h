// Streams, and how work gets into them.
//
// Work is done at once, when it is submitted, unless the stream is being captured into a graph.
// So streams never overlap and a forgotten synchronisation goes unnoticed here; the counters tell
// how often the host waited.
#pragma once
#include <cuda_runtime.h>

#include <functional>
#include <vector>

#include "tests/emulation/engine/launch.h"

namespace gan::emulation {

using Work = std::function<cudaError_t()>;

// Does the work, or keeps it for the graph that is being captured.
cudaError_t submit(cudaStream_t stream, Work work);

// Launches a kernel, once what the hardware would refuse has been refused.  `kernel` identifies
// it; the parameters are copied.
cudaError_t submit_launch(const Launch& launch, const void* kernel, cudaStream_t stream);

bool is_capturing(cudaStream_t stream);

}  // namespace gan::emulation

struct CUstream_st {
  bool capturing = false;
  std::vector<gan::emulation::Work> captured;
};
