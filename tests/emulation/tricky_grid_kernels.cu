#include "tests/emulation/tricky_kernels.h"

#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>

#include "kernels/cuda/launch.h"
#include "kernels/cuda/memory_order.h"

namespace gan::emulation {
namespace {

namespace cg = cooperative_groups;
using cuda::launch;
using cuda::launch_cooperative;
using cuda::load_acquire;

// --- between blocks ---

// Each block adds up its part; the one that finishes last adds up the parts.
__global__ void last_block_sum(const float* x, float* y, float* parts, unsigned* count) {
  __shared__ bool is_last;
  const auto tile = cg::tiled_partition<32>(cg::this_thread_block());
  const float sum = cg::reduce(tile, x[blockIdx.x * blockDim.x + threadIdx.x], cg::plus<float>());
  if (threadIdx.x == 0) {
    parts[blockIdx.x] = sum;
    __threadfence();
    is_last = atomicInc(count, gridDim.x - 1) == gridDim.x - 1;
    __threadfence();
  }
  __syncthreads();
  if (!is_last) return;
  const float total = cg::reduce(tile, parts[threadIdx.x % gridDim.x], cg::plus<float>());
  if (threadIdx.x == 0) y[0] = total / (32 / gridDim.x);
}

// All blocks read x[0]; the last to have done so overwrites it.
__global__ void last_block_overwrites(float* x, float* y, unsigned* count) {
  y[blockIdx.x * blockDim.x + threadIdx.x] = x[0] + 1;
  __syncthreads();
  if (threadIdx.x != 0) return;
  __threadfence();
  const unsigned ticket = atomicAdd(count, 1u);
  __threadfence();
  if (ticket == gridDim.x - 1) x[0] = 100;
}

// Each block waits for the one before it and passes a running sum on.
__global__ void flag_chain(const float* x, float* y, unsigned* ready) {
  const unsigned block = blockIdx.x;
  if (threadIdx.x == 0) {
    if (block > 0)
      while (load_acquire(&ready[block - 1]) == 0) {
      }
    y[block] = x[block] + (block > 0 ? y[block - 1] : 0.0f);
    cuda::store_release(&ready[block], 1);
  }
}

__global__ void grid_phases(float* x, float* y) {
  const cg::grid_group grid = cg::this_grid();
  const int i = static_cast<int>(grid.thread_rank()), n = static_cast<int>(grid.size());
  for (int round = 0; round < 3; ++round) {
    y[i] = x[n - 1 - i] + 1;
    grid.sync();
    x[i] = y[n - 1 - i];
    grid.sync();
  }
}

// A barrier of the whole grid made of an atomic counter.
__device__ void wait_for_all_blocks(unsigned* arrived, unsigned target) {
  __syncthreads();
  if (threadIdx.x == 0) {
    cuda::add_release(arrived, 1);
    while (load_acquire(arrived) < target) {
    }
  }
  __syncthreads();
}
__global__ void own_grid_barrier(float* x, float* y, unsigned* arrived) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x, n = gridDim.x * blockDim.x;
  for (unsigned round = 0; round < 3; ++round) {
    // Blocks pass a different number of barriers in between.
    for (unsigned extra = 0; extra < blockIdx.x; ++extra) __syncthreads();
    y[i] = x[n - 1 - i] + 1;
    wait_for_all_blocks(arrived, (2 * round + 1) * gridDim.x);
    x[i] = y[n - 1 - i];
    wait_for_all_blocks(arrived, (2 * round + 2) * gridDim.x);
  }
}

// A counter that a lock protects.
__global__ void spin_lock(float* y, unsigned* lock, unsigned* initialised) {
  if (threadIdx.x == 0) {
    while (atomicCAS(lock, 0u, 1u) != 0) {
    }
    __threadfence();
    y[0] = *initialised == 0 ? 1 : y[0] + 1;
    *initialised = 1;
    __threadfence();
    atomicExch(lock, 0u);
  }
}

float expected_phases(int i) {
  return tricky_input(127 - i) + 3;
}

using Arguments = const TrickyArguments&;

}  // namespace

// clang-format off
std::vector<TrickyKernel> tricky_grid_kernels() {
  return {
      {"last_block_sum", [](Arguments a) { launch(last_block_sum, 8, 32, 0, 0, a.x, a.y, a.y + 1, a.flags); },
       1, [](int) { return sum_of_inputs(0, 256); }},
      {"last_block_overwrites", [](Arguments a) { launch(last_block_overwrites, 4, 64, 0, 0, a.x, a.y, a.flags); },
       256, [](int) { return tricky_input(0) + 1; }},
      {"flag_chain", [](Arguments a) { launch_cooperative(flag_chain, 8, 32, 0, 0, a.x, a.y, a.flags); },
       8, [](int i) { return sum_of_inputs(0, i + 1); }},
      {"grid_phases", [](Arguments a) { launch_cooperative(grid_phases, 4, 32, 0, 0, a.x, a.y); },
       128, expected_phases},
      {"own_grid_barrier", [](Arguments a) { launch_cooperative(own_grid_barrier, 4, 32, 0, 0, a.x, a.y, a.flags); },
       128, expected_phases},
      {"spin_lock", [](Arguments a) { launch_cooperative(spin_lock, 8, 32, 0, 0, a.y, a.flags, a.flags + 1); },
       1, [](int) { return 8.0f; }},
  };
}
// clang-format on

}  // namespace gan::emulation
