// cudaMalloc, cudaMemcpyAsync and their kin.  Ranges and directions are checked as the runtime does
// it: an error code, nothing done.
#include <cuda_runtime.h>

#include <cstring>

#include "tests/emulation/engine/observer.h"
#include "tests/emulation/runtime/device_memory.h"
#include "tests/emulation/runtime/state.h"
#include "tests/emulation/runtime/stream.h"

using namespace gan::emulation;

namespace {

Transfers& transfers(cudaMemcpyKind kind) {
  Counters& counters = mutable_counters();
  return kind == cudaMemcpyHostToDevice   ? counters.to_device
         : kind == cudaMemcpyDeviceToHost ? counters.to_host
                                          : counters.on_device;
}

// Whether each side lies where `kind` says, the device's within one allocation.
bool is_valid_copy(const void* to, const void* from, std::size_t size, cudaMemcpyKind kind) {
  const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
  const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
  const auto side_is_valid = [size](const void* address, bool on_device) {
    return on_device ? device_memory().holds(address, size) : !device_memory().find(address);
  };
  return side_is_valid(to, to_device) && side_is_valid(from, from_device);
}

cudaMemcpyKind kind_of(const void* to, const void* from) {
  const bool to_device = device_memory().find(to).has_value();
  const bool from_device = device_memory().find(from).has_value();
  if (to_device) return from_device ? cudaMemcpyDeviceToDevice : cudaMemcpyHostToDevice;
  return from_device ? cudaMemcpyDeviceToHost : cudaMemcpyHostToHost;
}

}  // namespace

cudaError_t cudaMalloc(void** address, size_t size) {
  *address = size == 0 ? nullptr : device_memory().allocate(size);
  if (size > 0 && *address == nullptr) return record(cudaErrorMemoryAllocation);
  ++mutable_counters().allocations;
  return cudaSuccess;
}

cudaError_t cudaFree(void* address) {
  if (address == nullptr) return cudaSuccess;
  if (!device_memory().free(address)) return record(cudaErrorInvalidValue);
  ++mutable_counters().frees;
  return cudaSuccess;
}

cudaError_t cudaMallocHost(void** address, size_t size) {
  *address = make_buffer(size).release();
  ++mutable_counters().pinned_allocations;
  return cudaSuccess;
}

cudaError_t cudaFreeHost(void* address) {
  const Buffer freed(static_cast<char*>(address));
  return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t size, cudaMemcpyKind kind,
                            cudaStream_t stream) {
  if (size == 0) return cudaSuccess;
  if (kind == cudaMemcpyDefault) kind = kind_of(to, from);
  if (!is_valid_copy(to, from, size, kind)) return record(cudaErrorInvalidValue);
  return submit(stream, [=] {
    Transfers& done = transfers(kind);
    ++done.count;
    done.bytes += size;
    std::memcpy(to, from, size);
    if (observer() != nullptr && kind == cudaMemcpyHostToDevice) observer()->written(to, size);
    if (observer() != nullptr && kind == cudaMemcpyDeviceToDevice)
      observer()->copied(to, from, size);
    return cudaSuccess;
  });
}

cudaError_t cudaMemcpy(void* to, const void* from, size_t size, cudaMemcpyKind kind) {
  ++mutable_counters().synchronisations;
  return cudaMemcpyAsync(to, from, size, kind, nullptr);
}

cudaError_t cudaMemsetAsync(void* address, int value, size_t size, cudaStream_t stream) {
  if (!device_memory().holds(address, size)) return record(cudaErrorInvalidValue);
  return submit(stream, [=] {
    ++mutable_counters().memsets;
    if (size > 0) std::memset(address, value, size);
    if (observer() != nullptr) observer()->written(address, size);
    return cudaSuccess;
  });
}

cudaError_t cudaMemset(void* address, int value, size_t size) {
  return cudaMemsetAsync(address, value, size, nullptr);
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  *total = kDeviceBytes;
  *free = kDeviceBytes - device_memory().used();
  return cudaSuccess;
}
