#include "tests/emulation/tricky_kernels.h"

#include <cooperative_groups.h>

#include "kernels/cuda/launch.h"
#include "kernels/cuda/memory_order.h"

namespace gan::emulation {
namespace {

namespace cg = cooperative_groups;
using cuda::dynamic_shared;
using cuda::launch;
using cuda::load_acquire;

constexpr unsigned kAll = 0xffffffffu;

// --- within a warp ---

__global__ void warp_sums(const float* x, float* y) {
  __shared__ float s[64];
  const int t = threadIdx.x;
  s[t] = x[t];
  __syncwarp();
  for (int distance = 16; distance > 0; distance /= 2) {
    const float sum = s[t] + s[t ^ distance];
    __syncwarp();
    s[t] = sum;
    __syncwarp();
  }
  if (t % 32 == 0) y[t / 32] = s[t];
}

// Eight lanes synchronise by themselves, while others of their warp are elsewhere.
__global__ void tile_sums(const float* x, float* y) {
  __shared__ float s[64];
  const auto tile = cg::tiled_partition<8>(cg::this_thread_block());
  const int t = threadIdx.x;
  for (unsigned round = 0; round <= tile.meta_group_rank(); ++round) {
    s[t] = x[t];
    tile.sync();
    float sum = 0;
    for (int i = 0; i < 8; ++i) sum += s[t / 8 * 8 + i];
    tile.sync();
    if (tile.thread_rank() == 0) y[t / 8] = sum;
  }
}

// The halves of a warp shuffle in different branches; the second warp is cut short.
__global__ void partial_masks(const float* x, float* y) {
  const int t = threadIdx.x;
  float value = x[t];
  if (t < 16) {
    for (int d = 8; d > 0; d /= 2) value += __shfl_down_sync(0xffffu, value, d, 16);
  } else if (t < 32) {
    for (int d = 8; d > 0; d /= 2) value += __shfl_xor_sync(0xffff0000u, value, d);
  } else {
    for (int d = 4; d > 0; d /= 2) value += __shfl_down_sync(0xffu, value, d, 8);
  }
  if (t == 0 || t == 16) y[t / 16] = value;
  if (t == 32) y[2] = value;
}

// The number of ones among the lanes before, from a ballot.
__global__ void compacted(const float* x, float* y) {
  const int t = threadIdx.x;
  const bool keeps = x[t] > 4;
  const unsigned kept = __ballot_sync(kAll, keeps);
  const int place = __popc(kept & ((1u << t) - 1));
  y[t] = -1;
  __syncwarp();
  if (keeps) y[place] = x[t];
}

// --- within a block ---

// One barrier a round will do where two buffers take turns.
__global__ void double_buffer(const float* x, float* y) {
  __shared__ float s[2][64];
  const int t = threadIdx.x;
  float sum = 0;
  for (int round = 0; round < 4; ++round) {
    s[round % 2][t] = x[64 * round + t];
    __syncthreads();
    sum += s[round % 2][63 - t];
  }
  y[t] = sum;
}

__global__ void histogram(const float* x, float* y) {
  __shared__ unsigned count[11];
  const int t = threadIdx.x;
  if (t < 11) count[t] = 0;
  __syncthreads();
  atomicAdd(&count[static_cast<int>(x[t])], 1u);
  __syncthreads();
  if (t < 11) y[t] = count[t];
}

__global__ void block_votes(const float* x, float* y) {
  const int t = threadIdx.x;
  const int count = __syncthreads_count(x[t] > 4);
  const int all = __syncthreads_and(x[t] >= 0), any = __syncthreads_or(x[t] > 10);
  y[t] = count + 1000 * all + 2000 * any;
}

// The first warp writes, the second reads, with a flag between them instead of a barrier.
__global__ void warp_exchange(const float* x, float* y) {
  float* s = dynamic_shared<float>();
  unsigned* ready = reinterpret_cast<unsigned*>(s + 32);
  const int t = threadIdx.x;
  if (t == 0) *ready = 0;
  __syncthreads();
  if (t < 32) {
    s[t] = 2 * x[t];
    __syncwarp();
    if (t == 0) cuda::store_release(ready, 1);
  } else {
    while (load_acquire(ready) == 0) {
    }
    y[t - 32] = s[63 - t];
  }
}

float expected_compacted(int i) {
  int kept = 0;
  for (int t = 0; t < 32; ++t)
    if (tricky_input(t) > 4 && kept++ == i) return tricky_input(t);
  return -1;
}

float expected_double_buffer(int t) {
  float sum = 0;
  for (int round = 0; round < 4; ++round) sum += tricky_input(64 * round + 63 - t);
  return sum;
}

float expected_histogram(int value) {
  float count = 0;
  for (int i = 0; i < kTrickySize; ++i) count += tricky_input(i) == static_cast<float>(value);
  return count;
}

float expected_votes(int) {
  float count = 0;
  for (int i = 0; i < 96; ++i) count += tricky_input(i) > 4;
  return count + 1000;
}

using Arguments = const TrickyArguments&;

}  // namespace

// clang-format off
std::vector<TrickyKernel> tricky_block_kernels() {
  return {
      {"warp_sums", [](Arguments a) { launch(warp_sums, 1, 64, 0, 0, a.x, a.y); },
       2, [](int i) { return sum_of_inputs(32 * i, 32); }},
      {"tile_sums", [](Arguments a) { launch(tile_sums, 1, 64, 0, 0, a.x, a.y); },
       8, [](int i) { return sum_of_inputs(8 * i, 8); }},
      {"partial_masks", [](Arguments a) { launch(partial_masks, 1, 40, 0, 0, a.x, a.y); },
       3, [](int i) { return sum_of_inputs(16 * i, i == 2 ? 8 : 16); }},
      {"compacted", [](Arguments a) { launch(compacted, 1, 32, 0, 0, a.x, a.y); },
       32, expected_compacted},

      {"double_buffer", [](Arguments a) { launch(double_buffer, 1, 64, 0, 0, a.x, a.y); },
       64, expected_double_buffer},
      {"histogram", [](Arguments a) { launch(histogram, 1, 256, 0, 0, a.x, a.y); },
       11, expected_histogram},
      {"block_votes", [](Arguments a) { launch(block_votes, 1, 96, 0, 0, a.x, a.y); },
       96, expected_votes},
      {"warp_exchange", [](Arguments a) { launch(warp_exchange, 1, 64, 33 * sizeof(float), 0, a.x, a.y); },
       32, [](int i) { return 2 * tricky_input(31 - i); }},
  };
}
// clang-format on

}  // namespace gan::emulation
