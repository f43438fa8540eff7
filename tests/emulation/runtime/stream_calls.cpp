// Launches, streams, events, and graphs captured from a stream.  An event is complete as soon as it
// is recorded, for so is all work before it.
#include "tests/emulation/runtime/stream.h"

#include <chrono>
#include <unordered_map>
#include <utility>

#include "tests/emulation/engine/scheduler.h"
#include "tests/emulation/runtime/state.h"

using namespace gan::emulation;

struct CUevent_st {
  std::chrono::steady_clock::time_point time;
};
struct CUgraph_st {
  std::vector<Work> work;
};
struct CUgraphExec_st {
  std::vector<Work> work;
};

namespace gan::emulation {
namespace {

// Kernels that asked for more dynamic shared memory than every kernel has, and how much.
std::unordered_map<const void*, std::size_t>& shared_limits() {
  static std::unordered_map<const void*, std::size_t> limits;
  return limits;
}

cudaError_t check(const Launch& launch, const void* kernel) {
  const dim3 grid = launch.grid, block = launch.block;
  const std::size_t threads = std::size_t{block.x} * block.y * block.z;
  if (threads == 0 || threads > kMaxBlock || block.z > kMaxBlockZ || grid.x == 0 || grid.y == 0 ||
      grid.z == 0 || grid.y > kMaxGridYZ || grid.z > kMaxGridYZ)
    return cudaErrorInvalidConfiguration;
  const auto limit = shared_limits().find(kernel);
  if (launch.shared > (limit == shared_limits().end() ? kSharedBytes : limit->second))
    return cudaErrorInvalidValue;
  return cudaSuccess;
}

cudaError_t synchronise(bool capturing) {
  if (capturing) return record(cudaErrorStreamCaptureUnsupported);
  ++mutable_counters().synchronisations;
  return cudaSuccess;
}

}  // namespace

bool is_capturing(cudaStream_t stream) {
  return stream != nullptr && stream->capturing;
}

cudaError_t submit(cudaStream_t stream, Work work) {
  if (!is_capturing(stream)) return record(work());
  stream->captured.push_back(std::move(work));
  return cudaSuccess;
}

cudaError_t submit_launch(const Launch& launch, const void* kernel, cudaStream_t stream) {
  if (const cudaError_t error = check(launch, kernel)) return record(error);
  const char* bytes = static_cast<const char*>(launch.parameters);
  return submit(stream,
                [launch, parameters = std::vector<char>(bytes, bytes + launch.parameter_bytes)] {
                  ++mutable_counters().launches;
                  Launch now = launch;
                  now.parameters = parameters.data();
                  return scheduler().run(now);
                });
}

}  // namespace gan::emulation

cudaError_t cudaFuncSetAttribute(const void* kernel, cudaFuncAttribute attribute, int value) {
  if (attribute != cudaFuncAttributeMaxDynamicSharedMemorySize) return cudaSuccess;
  if (value < 0 || static_cast<std::size_t>(value) > kOptInSharedBytes)
    return record(cudaErrorInvalidValue);
  shared_limits()[kernel] = static_cast<std::size_t>(value);
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new CUstream_st;
  return cudaSuccess;
}
cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return cudaStreamCreateWithFlags(stream, cudaStreamDefault);
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return synchronise(is_capturing(stream));
}
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) {
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  return synchronise(false);
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  *event = new CUevent_st;
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return cudaEventCreateWithFlags(event, cudaEventDefault);
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return submit(stream, [event] {
    event->time = std::chrono::steady_clock::now();
    return cudaSuccess;
  });
}
cudaError_t cudaEventSynchronize(cudaEvent_t) {
  return synchronise(false);
}
cudaError_t cudaEventQuery(cudaEvent_t) {
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t begin, cudaEvent_t end) {
  *milliseconds = std::chrono::duration<float, std::milli>(end->time - begin->time).count();
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  if (stream == nullptr || stream->capturing) return record(cudaErrorIllegalState);
  stream->capturing = true;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  if (!is_capturing(stream)) return record(cudaErrorIllegalState);
  stream->capturing = false;
  *graph = new CUgraph_st{std::exchange(stream->captured, {})};
  return cudaSuccess;
}
// As many as fit into `nodes`, which may be null: then how many there are is all that is asked.
cudaError_t cudaGraphGetNodes(cudaGraph_t graph, cudaGraphNode_t* nodes, size_t* count) {
  if (nodes != nullptr) return record(cudaErrorNotSupported);
  *count = graph->work.size();
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  *executable = new CUgraphExec_st{graph->work};
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream) {
  return submit(stream, [executable] {
    for (const Work& work : executable->work)
      if (const cudaError_t error = work()) return error;
    return cudaSuccess;
  });
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}
