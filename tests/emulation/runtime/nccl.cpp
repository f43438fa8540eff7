// NCCL between processes that were forked from one: each rank is one of them.  What a call
// exchanges lies in memory that they share.  As with CUDA, a call on a stream that is being
// captured is recorded and carried out with the graph.
#include <pthread.h>
#include <sys/mman.h>

#include <cstring>
#include <new>
#include <stdexcept>
#include <vector>

#include "host/gpu/nccl_library.h"
#include "tests/emulation/emulation.h"
#include "tests/emulation/engine/observer.h"
#include "tests/emulation/runtime/device_memory.h"
#include "tests/emulation/runtime/stream.h"

using namespace gan::emulation;

namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 26;  // of a call, of all ranks

// Zeros, until open_nccl_room().
struct Room {
  pthread_barrier_t meeting;
  char values[kMostBytes];
};

}  // namespace

struct ncclComm {
  Room* room;
  int rank, ranks;

  void meet() const { pthread_barrier_wait(&room->meeting); }
  // take(values) sees what all ranks have sent, `bytes` each, in their order.
  template <class Take>
  void share(const void* sent, std::size_t bytes, const Take& take) const {
    std::memcpy(room->values + static_cast<std::size_t>(rank) * bytes, sent, bytes);
    meet();
    take(room->values);
    meet();
  }
};

namespace {

std::size_t bytes_of(const ncclComm& comm, std::size_t count) {
  const std::size_t bytes = count * sizeof(float);
  if (bytes * static_cast<std::size_t>(comm.ranks) > kMostBytes)
    throw std::runtime_error("the emulated NCCL has no room for so much");
  return bytes;
}

// The room's address, which forked processes share.
ncclResult_t get_unique_id(ncclUniqueId* id) {
  void* const memory = mmap(nullptr, sizeof(Room), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return ncclSystemError;
  std::memset(id->internal, 0, sizeof id->internal);
  std::memcpy(id->internal, &memory, sizeof memory);
  return ncclSuccess;
}

ncclResult_t comm_init_rank(ncclComm_t* comm, int ranks, ncclUniqueId id, int rank) {
  Room* room = nullptr;
  std::memcpy(&room, id.internal, sizeof room);
  *comm = new ncclComm{room, rank, ranks};
  return ncclSuccess;
}

ncclResult_t comm_destroy(ncclComm_t comm) {
  delete comm;
  return ncclSuccess;
}

// Enqueues the exchange of `count` floats of each rank; take(all) makes the `received` of them.
template <class Take>
ncclResult_t exchange(const void* sent, std::size_t count, void* received,
                      std::size_t received_count, ncclComm_t comm, cudaStream_t stream,
                      const Take& take) {
  const std::size_t bytes = bytes_of(*comm, count), received_bytes = received_count * sizeof(float);
  if (!device_memory().holds(sent, bytes) || !device_memory().holds(received, received_bytes))
    return ncclInvalidArgument;
  const cudaError_t error = submit(stream, [=] {
    comm->share(sent, bytes, take);
    if (observer() != nullptr) observer()->written(received, received_bytes);
    return cudaSuccess;
  });
  return error == cudaSuccess ? ncclSuccess : ncclUnhandledCudaError;
}

ncclResult_t all_gather(const void* sent, void* received, std::size_t count, ncclDataType_t type,
                        ncclComm_t comm, cudaStream_t stream) {
  if (type != ncclFloat) return ncclInvalidArgument;
  const std::size_t all_values = count * static_cast<std::size_t>(comm->ranks);
  return exchange(sent, count, received, all_values, comm, stream,
                  [=](const char* all) { std::memcpy(received, all, all_values * sizeof(float)); });
}

ncclResult_t all_reduce(const void* sent, void* received, std::size_t count, ncclDataType_t type,
                        ncclRedOp_t operation, ncclComm_t comm, cudaStream_t stream) {
  if (type != ncclFloat || operation != ncclSum) return ncclInvalidArgument;
  return exchange(sent, count, received, count, comm, stream, [=](const char* all) {
    const auto* const values = reinterpret_cast<const float*>(all);
    auto* const sum = static_cast<float*>(received);
    for (std::size_t i = 0; i < count; ++i) {
      sum[i] = 0;
      for (int rank = 0; rank < comm->ranks; ++rank)
        sum[i] += values[static_cast<std::size_t>(rank) * count + i];
    }
  });
}

const char* get_error_string(ncclResult_t) {
  return "a failure of the emulated NCCL";
}

}  // namespace

namespace gan::gpu {

const NcclCalls& nccl_calls() {
  static constexpr NcclCalls kCalls{get_unique_id, comm_init_rank, comm_destroy,
                                    all_gather,    all_reduce,     get_error_string};
  return kCalls;
}

}  // namespace gan::gpu

void gan::emulation::open_nccl_room(const std::string& id, int ranks) {
  Room* room = nullptr;
  std::memcpy(&room, id.data(), sizeof room);
  pthread_barrierattr_t shared;
  pthread_barrierattr_init(&shared);
  pthread_barrierattr_setpshared(&shared, PTHREAD_PROCESS_SHARED);
  pthread_barrier_init(&room->meeting, &shared, static_cast<unsigned>(ranks));
  pthread_barrierattr_destroy(&shared);
}
