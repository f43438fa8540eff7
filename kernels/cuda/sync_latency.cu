#include "kernels/cuda/sync_latency.h"

#include <cooperative_groups.h>

#include "kernels/cuda/check.h"
#include "kernels/cuda/device.h"
#include "kernels/cuda/grid_barrier.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/tile_product.h"

namespace gan {
namespace {

static_assert(kSyncThreads == cuda::kTileThreads);

constexpr int kGroup = 12;  // blocks; about the square root of an H100's 132 multiprocessors
constexpr int kLine = 32;   // words from one counter to the next: a cache line

class CooperativeBarrier {
 public:
  __device__ __forceinline__ CooperativeBarrier(unsigned*, unsigned) {}
  __device__ __forceinline__ void sync() { cooperative_groups::this_grid().sync(); }
};

// The last block of a group to arrive reports the whole group, so that fewer blocks add to one
// word.
class TwoLevelBarrier {
 public:
  __device__ __forceinline__ TwoLevelBarrier(unsigned* flags, unsigned before)
      : groups_arrived_(flags),
        blocks_arrived_(flags + (1 + blockIdx.x / kGroup) * kLine),
        groups_((gridDim.x + kGroup - 1) / kGroup),
        blocks_(min(gridDim.x - blockIdx.x / kGroup * kGroup, unsigned{kGroup})),
        groups_target_(before),
        blocks_target_(before) {}

  __device__ __forceinline__ void sync() {
    groups_target_ += groups_;
    blocks_target_ += blocks_;
    __syncthreads();
    if (threadIdx.x == 0) {
      __threadfence();
      const unsigned arrived = atomicAdd(blocks_arrived_, 1u) + 1;
      __threadfence();
      if (arrived == blocks_target_) cuda::add_release(groups_arrived_, 1);
      cuda::wait_until_reached(groups_arrived_, groups_target_);
    }
    __syncthreads();
  }

 private:
  unsigned *groups_arrived_, *blocks_arrived_;
  unsigned groups_, blocks_;  // of the grid, of the block's own group
  unsigned groups_target_, blocks_target_;
};

// Returns vector v of the payload whose first word is `first`.
__device__ __forceinline__ uint4 vector_at(unsigned first, unsigned v) {
  const unsigned word = first + 4 * v;
  return {word, word + 1, word + 2, word + 3};
}

// A template on everything, so that all loads of a thread are in flight at the same time.
template <class Barrier, Payload kPayload, int kBytes>
__global__ void __launch_bounds__(kSyncThreads, 1)
    barrier_kernel(unsigned* sums, uint4* payloads, unsigned* flags, unsigned rounds) {
  cuda::await_predecessor();
  constexpr unsigned kVectors = kBytes / sizeof(uint4), kWords = kBytes / sizeof(unsigned);
  uint4* const loaded = cuda::dynamic_shared<uint4>();
  const unsigned thread = threadIdx.x, next = (blockIdx.x + 1) % gridDim.x;
  Barrier barrier(flags, 0);
  unsigned sum = 0;
  for (unsigned r = 0; r < rounds; ++r) {
    uint4* const written = payloads + r % 2 * gridDim.x * kVectors;
    if constexpr (kPayload != Payload::none)
#pragma unroll
      for (unsigned v = 0; v < kVectors; v += kSyncThreads)
        written[blockIdx.x * kVectors + v + thread] =
            vector_at(1000003 * r + 8192 * blockIdx.x, v + thread);
    barrier.sync();
    if constexpr (kPayload == Payload::written_and_loaded) {
#pragma unroll
      for (unsigned v = 0; v < kVectors; v += kSyncThreads)
        loaded[v + thread] = written[next * kVectors + v + thread];
      __syncthreads();
      sum += reinterpret_cast<const unsigned*>(loaded)[(r * kSyncThreads + thread) % kWords];
    }
  }
  sums[blockIdx.x * kSyncThreads + thread] = sum;
}

template <class Barrier, Payload kPayload, int kBytes>
void launch_barriers(const BarrierMemory& memory, const BarrierRounds& what, CudaStream stream) {
  GAN_CHECK(cuda::launch_cooperative(
      barrier_kernel<Barrier, kPayload, kBytes>, what.blocks, kSyncThreads, kBytes, stream,
      memory.sums, reinterpret_cast<uint4*>(memory.payloads), memory.flags, what.rounds));
}

template <class Barrier, int kBytes>
void launch_barriers(const BarrierMemory& memory, const BarrierRounds& what, CudaStream stream) {
  switch (what.payload) {
    case Payload::none:
      return launch_barriers<Barrier, Payload::none, kBytes>(memory, what, stream);
    case Payload::written:
      return launch_barriers<Barrier, Payload::written, kBytes>(memory, what, stream);
    case Payload::written_and_loaded:
      return launch_barriers<Barrier, Payload::written_and_loaded, kBytes>(memory, what, stream);
  }
}

// Blocks 0 and `partner` take turns: the flag is even when it is block 0's turn.
__global__ void flag_kernel(unsigned* flag, unsigned partner, unsigned rounds) {
  cuda::await_predecessor();
  if (blockIdx.x != 0 && blockIdx.x != partner) return;
  const unsigned first = blockIdx.x == 0 ? 0 : 1;
  for (unsigned turn = first; turn < 2 * rounds; turn += 2) {
    while (cuda::load_acquire(flag) != turn) {
    }
    cuda::store_release(flag, turn + 1);
  }
}

__global__ void __launch_bounds__(kSyncThreads) nothing_kernel() {
  cuda::await_predecessor();
}

}  // namespace

std::size_t sync_flags(int blocks) {
  return static_cast<std::size_t>(1 + (blocks + kGroup - 1) / kGroup) * kLine;
}

void barrier_rounds(const BarrierMemory& memory, const BarrierRounds& what, CudaStream stream) {
  switch (what.barrier) {
    case BarrierKind::cooperative_groups:
      return launch_barriers<CooperativeBarrier, kSmallPayload>(memory, what, stream);
    case BarrierKind::counter:
      return what.payload_bytes == kLargePayload
                 ? launch_barriers<cuda::GridBarrier, kLargePayload>(memory, what, stream)
                 : launch_barriers<cuda::GridBarrier, kSmallPayload>(memory, what, stream);
    case BarrierKind::two_levels:
      return launch_barriers<TwoLevelBarrier, kSmallPayload>(memory, what, stream);
  }
}

void flag_rounds(unsigned* flag, int blocks, int partner, unsigned rounds, CudaStream stream) {
  GAN_CHECK(cuda::launch_cooperative(flag_kernel, blocks, 1, 0, stream, flag,
                                     static_cast<unsigned>(partner), rounds));
}

void empty_kernel(int blocks, CudaStream stream) {
  GAN_CHECK(cuda::launch(nothing_kernel, blocks, kSyncThreads, 0, stream));
}

int multiprocessors() {
  return cuda::device_attribute(cudaDevAttrMultiProcessorCount);
}

}  // namespace gan
