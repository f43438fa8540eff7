// Launches, streams, and events.  An event is complete as soon as it is recorded, for so is all
// work before it.
#include "tests/emulation/runtime/stream.h"

#include <unordered_map>
#include <utility>

#include "tests/emulation/engine/scheduler.h"
#include "tests/emulation/runtime/state.h"

using namespace gan::emulation;

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
  return stream != nullptr && stream->place.capture != nullptr;
}

cudaError_t submit(cudaStream_t stream, Work work) {
  if (!is_capturing(stream)) return record(work());
  CapturedPlace& place = stream->place;
  std::vector<Node>& nodes = place.capture->nodes;
  nodes.push_back({std::move(work), std::exchange(place.after, {nodes.size()})});
  return cudaSuccess;
}

cudaError_t submit_launch(const Launch& launch, const void* kernel, cudaStream_t stream) {
  if (const cudaError_t error = check(launch, kernel)) return record(error);
  const char* bytes = static_cast<const char*>(launch.parameters);
  return submit(stream,
                [launch, parameters = std::vector<char>(bytes, bytes + launch.parameter_bytes)] {
                  ++mutable_counters().launches;
                  if (profiler_records()) ++mutable_counters().profiled_launches;
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
  event->place = stream != nullptr ? stream->place : CapturedPlace{};
  event->time = std::chrono::steady_clock::now();
  return cudaSuccess;
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
