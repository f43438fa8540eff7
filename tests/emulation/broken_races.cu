#include "tests/emulation/broken_kernels.h"

#include <cooperative_groups.h>

#include "kernels/cuda/launch.h"
#include "kernels/cuda/memory_order.h"

namespace gan::emulation {
namespace {

using cuda::dynamic_shared;
using cuda::launch;
using cuda::launch_cooperative;

constexpr unsigned kAll = 0xffffffffu;

// --- races within a block ---

__global__ void missing_barrier(const float* x, float* y) {
  __shared__ float s[256];
  const int t = threadIdx.x;
  s[t] = x[t];        // @missing_barrier.write
  y[t] = s[255 - t];  // @missing_barrier.read
}

// The tile is overwritten while others may still read it.
__global__ void missing_second_barrier(const float* x, float* y) {
  __shared__ float tile[64];
  const int t = threadIdx.x;
  float sum = 0;
  for (int first = 0; first < 256; first += 64) {
    tile[t] = x[first + t];  // @second_barrier.write
    __syncthreads();
    sum += tile[63 - t];  // @second_barrier.read
  }
  y[t] = sum;
}

// Forward order hides it: the later warp reads what the earlier wrote.
__global__ void warp_barrier_for_a_block(const float* x, float* y) {
  __shared__ float s[64];
  const int t = threadIdx.x;
  s[t] = x[t];  // @warp_barrier.write
  __syncwarp();
  y[t] = t < 32 ? s[t] : s[t - 32];  // @warp_barrier.read
}

// As written before Volta, when a warp was taken to run in step.
__global__ void implicit_warp(const float* x, float* y) {
  __shared__ float s[32];
  const int t = threadIdx.x;
  s[t] = x[t];
  __syncwarp();
  if (t < 16) s[t] += s[t + 16];  // @implicit.first
  if (t < 8) s[t] += s[t + 8];    // @implicit.second
  y[t] = t;
}

// A shuffle moves registers and orders no memory.
__global__ void shuffle_as_barrier(const float* x, float* y) {
  __shared__ float s[32];
  const int t = threadIdx.x;
  s[t] = x[t];  // @shuffle.write
  y[t] = __shfl_sync(kAll, x[t], 0);
  y[t] += s[31 - t];  // @shuffle.read
}

// Two halves of a warp synchronise, each by itself.
__global__ void tile_too_small(const float* x, float* y) {
  namespace cg = cooperative_groups;
  __shared__ float s[32];
  const auto tile = cg::tiled_partition<16>(cg::this_thread_block());
  const int t = threadIdx.x;
  s[t] = x[t];  // @tile.write
  tile.sync();
  y[t] = s[31 - t];  // @tile.read
}

// --- races between blocks ---

__global__ void lost_update(float* x) {
  if (threadIdx.x == 0) x[0] = x[0] + 1;  // @lost_update
}

__global__ void read_beside_atomic(float* x, float* y) {
  if (blockIdx.x == 0 && threadIdx.x == 0) atomicAdd(x, 1.0f);  // @beside.atomic
  if (blockIdx.x == 1) y[threadIdx.x] = x[0];                   // @beside.read
}

__global__ void missing_grid_barrier(float* x, float* y) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  x[i] = i;  // @grid.write
  __syncthreads();
  y[i] = x[127 - i];  // @grid.read
}

// Publishes a value for the block that comes last.  Both fences are needed.
__device__ void last_block_reads(float* x, float* y, unsigned* flags, bool fence_before,
                                 bool fence_after) {
  if (threadIdx.x != 0) return;
  x[blockIdx.x] = 1;  // @last.write
  if (fence_before) __threadfence();
  const unsigned ticket = atomicAdd(flags, 1u);
  if (fence_after) __threadfence();
  if (ticket + 1 == gridDim.x) y[0] = x[0] + x[gridDim.x - 1];  // @last.read
}
__global__ void missing_first_fence(float* x, float* y, unsigned* flags) {
  last_block_reads(x, y, flags, false, true);
}
__global__ void missing_second_fence(float* x, float* y, unsigned* flags) {
  last_block_reads(x, y, flags, true, false);
}

// The value is written after the flag that announces it.
__global__ void flag_too_early(float* x, float* y, unsigned* flags) {
  if (threadIdx.x != 0) return;
  if (blockIdx.x == 0) {
    cuda::store_release(flags, 1);
    x[0] = 1;  // @early.write
  } else {
    while (cuda::load_acquire(flags) == 0) {
    }
    y[0] = x[0];  // @early.read
  }
}

__global__ void plain_flag(unsigned* flags) {
  if (threadIdx.x != 0) return;
  if (blockIdx.x == 0)
    flags[0] = 1;  // @plain_flag.write
  else
    while (cuda::load_acquire(flags) == 0) {  // @plain_flag.read
    }
}

using Arguments = const BrokenArguments&;

}  // namespace

// clang-format off
std::vector<BrokenKernel> broken_races() {
  return {
      {"missing_barrier",
       [](Arguments a) { launch(missing_barrier, 1, 256, 0, 0, a.x, a.y); },
       {"race on shared", "read at @missing_barrier.read", "write at @missing_barrier.write"}},
      {"missing_second_barrier",
       [](Arguments a) { launch(missing_second_barrier, 1, 64, 0, 0, a.x, a.y); },
       {"race on shared", "write at @second_barrier.write", "read at @second_barrier.read"}},
      {"warp_barrier_for_a_block",
       [](Arguments a) { launch(warp_barrier_for_a_block, 1, 64, 0, 0, a.x, a.y); },
       {"race on shared", "read at @warp_barrier.read", "write at @warp_barrier.write"}},
      {"implicit_warp",
       [](Arguments a) { launch(implicit_warp, 1, 32, 0, 0, a.x, a.y); },
       {"race on shared", "@implicit.first", "@implicit.second"}},
      {"shuffle_as_barrier",
       [](Arguments a) { launch(shuffle_as_barrier, 1, 32, 0, 0, a.x, a.y); },
       {"race on shared", "read at @shuffle.read", "write at @shuffle.write"}},
      {"tile_too_small",
       [](Arguments a) { launch(tile_too_small, 1, 32, 0, 0, a.x, a.y); },
       {"race on shared", "read at @tile.read", "write at @tile.write"}},

      {"lost_update",
       [](Arguments a) { launch(lost_update, 4, 32, 0, 0, a.x); },
       {"race on global", "at @lost_update"}},
      {"read_beside_atomic",
       [](Arguments a) { launch(read_beside_atomic, 2, 32, 0, 0, a.x, a.y); },
       {"race on global", "@beside.atomic", "@beside.read"}},
      {"missing_grid_barrier",
       [](Arguments a) { launch_cooperative(missing_grid_barrier, 4, 32, 0, 0, a.x, a.y); },
       {"race on global", "@grid.read", "@grid.write"}},
      {"missing_first_fence",
       [](Arguments a) { launch(missing_first_fence, 3, 32, 0, 0, a.x, a.y, a.flags); },
       {"race on global", "read at @last.read", "write at @last.write"}},
      {"missing_second_fence",
       [](Arguments a) { launch(missing_second_fence, 3, 32, 0, 0, a.x, a.y, a.flags); },
       {"race on global", "read at @last.read", "write at @last.write"}},
      {"flag_too_early",
       [](Arguments a) { launch_cooperative(flag_too_early, 2, 32, 0, 0, a.x, a.y, a.flags); },
       {"race on global", "@early.read", "@early.write"}},
      {"plain_flag",
       [](Arguments a) { launch_cooperative(plain_flag, 2, 32, 0, 0, a.flags); },
       {"race on global", "@plain_flag.write", "@plain_flag.read"}},
  };
}
// clang-format on

}  // namespace gan::emulation
