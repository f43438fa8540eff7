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
const CudaStream kEarly(nullptr, KernelStart::early);

// --- memory ---

__global__ void unwritten_shared(float* y) {
  __shared__ float s[32];
  if (threadIdx.x < 16) s[threadIdx.x] = 1;
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.x];  // @unwritten_shared
}

__global__ void unwritten_global(const float* x, float* y) {
  y[threadIdx.x] = x[threadIdx.x];  // @unwritten_global
}

__global__ void write_past_the_end(float* x, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i <= n) x[i] = 1;  // @past_write
}

__global__ void read_before_the_beginning(const float* x, float* y) {
  const int i = threadIdx.x;
  y[i] = x[i - 1];  // @before_read
}

__global__ void host_pointer(float* host) {
  host[threadIdx.x] = 1;  // @host_pointer
}

__global__ void dynamic_shared_overrun(float* y) {
  float* s = dynamic_shared<float>();
  s[threadIdx.x + 1] = 1;  // @dynamic_overrun
  __syncthreads();
  y[threadIdx.x] = 1;
}

__global__ void static_shared_overrun(float* y, int n) {
  __shared__ float s[64];
  s[threadIdx.x + n] = 1;
  __syncthreads();
  y[threadIdx.x] = s[threadIdx.x];
}

__global__ void misaligned(const float* x, float* y) {
  const float2 pair = *reinterpret_cast<const float2*>(x + 1);  // @misaligned
  y[threadIdx.x] = pair.x + pair.y;
}

__global__ void write_all(float* x) {
  cuda::await_predecessor();
  x[threadIdx.x] = 1;
}

__global__ void read_in_front_of_waiting(const float* x, float* y) {
  const float value = x[threadIdx.x];  // @in_front
  cuda::await_predecessor();
  y[threadIdx.x] = value;
}

__global__ void waiting_in_a_branch(float* y) {
  if (threadIdx.x >= 30) return;
  cuda::await_predecessor();
  y[threadIdx.x] = 1;
}

__global__ void static_shared_in_a_cooperative_launch(float* y) {
  __shared__ float s[32];
  s[threadIdx.x] = 1;  // @static_shared
  __syncthreads();
  y[blockIdx.x * blockDim.x + threadIdx.x] = s[31 - threadIdx.x];
}

// --- threads that wait for one another ---

__global__ void barrier_in_a_branch(float* x) {
  if (threadIdx.x & 1) {
    __syncthreads();  // @branch.odd
    x[threadIdx.x] = 1;
  } else {
    __syncthreads();  // @branch.even
    x[threadIdx.x] = 2;
  }
}

__global__ void return_before_a_barrier(float* x) {
  if (threadIdx.x >= 40) return;
  x[threadIdx.x] = 1;
  __syncthreads();  // @early_return
}

__global__ void barrier_missed_by_a_warp(float* x) {
  if (threadIdx.x < 16)
    __syncwarp();  // @missed
  else
    __syncthreads();
  x[threadIdx.x] = 1;
}

__global__ void grid_barrier_in_an_ordinary_launch(float* x) {
  cooperative_groups::this_grid().sync();  // @ordinary_grid
  x[threadIdx.x] = 1;
}

__global__ void returned_lane(float* x) {
  if (threadIdx.x >= 20) return;
  x[threadIdx.x] = __shfl_down_sync(kAll, x[threadIdx.x], 8);  // @returned_lane
}

__global__ void lane_outside_the_mask(float* x) {
  if (threadIdx.x < 16)
    x[threadIdx.x] = __shfl_xor_sync(0xffffu, x[threadIdx.x], 16);  // @outside_mask
}

__global__ void mask_without_the_caller(float* x) {
  if (threadIdx.x < 8) x[threadIdx.x] = __shfl_sync(0x0fu, x[threadIdx.x], 0);  // @without_caller
}

__global__ void two_calls_of_one_mask(float* x) {
  float value = x[threadIdx.x];
  if (threadIdx.x & 1)
    value = __shfl_sync(kAll, value, 0);  // @two_calls.odd
  else
    value = __shfl_sync(kAll, value, 1);  // @two_calls.even
  x[threadIdx.x] = value;
}

__global__ void flag_never_set(unsigned* flags) {
  while (cuda::load_acquire(flags) == 0) {  // @never_set
  }
}

__global__ void lock_never_released(unsigned* flags) {
  while (atomicCAS(flags, 0u, 1u) != 0) {  // @never_released
  }
}

using Arguments = const BrokenArguments&;

}  // namespace

// clang-format off
std::vector<BrokenKernel> broken_accesses() {
  return {
      {"unwritten_shared",
       [](Arguments a) { launch(unwritten_shared, 1, 32, 0, 0, a.y); },
       {"read of shared memory that was never written", "@unwritten_shared"}},
      {"unwritten_global",
       [](Arguments a) { launch(unwritten_global, 1, 32, 0, 0, a.unwritten, a.y); },
       {"read of global memory that was never written", "@unwritten_global"}},
      {"write_past_the_end",
       [](Arguments a) { launch(write_past_the_end, 2, 256, 0, 0, a.x, kBrokenSize); },
       {"write to memory that is neither device nor shared", "@past_write", "byte 1024 of an allocation of 1024"}},
      {"read_before_the_beginning",
       [](Arguments a) { launch(read_before_the_beginning, 1, 32, 0, 0, a.x, a.y); },
       {"read of memory that is neither device nor shared", "@before_read"}},
      {"host_pointer",
       [](Arguments a) { launch(host_pointer, 1, 32, 0, 0, a.host); },
       {"write to memory that is neither device nor shared", "@host_pointer"}},
      {"dynamic_shared_overrun",
       [](Arguments a) { launch(dynamic_shared_overrun, 1, 64, 64 * sizeof(float), 0, a.y); },
       {"write to memory that is neither device nor shared", "@dynamic_overrun"}},
      {"misaligned",
       [](Arguments a) { launch(misaligned, 1, 32, 0, 0, a.x, a.y); },
       {"misaligned access of 8 bytes", "@misaligned"}},
      {"read_in_front_of_waiting",
       [](Arguments a) {
         launch(write_all, 1, 32, 0, kEarly, a.x);
         launch(read_in_front_of_waiting, 1, 32, 0, kEarly, a.x, a.y);
       },
       {"access in front of await_predecessor() of memory that the kernel before touches", "@in_front"}},
      {"waiting_in_a_branch",
       [](Arguments a) { launch(waiting_in_a_branch, 1, 32, 0, kEarly, a.y); },
       {"no await_predecessor() in block (0,0,0) thread (3"}},
      {"static_shared_in_a_cooperative_launch",
       [](Arguments a) { launch_cooperative(static_shared_in_a_cooperative_launch, 2, 32, 0, 0, a.y); },
       {"static shared memory in a cooperative launch", "@static_shared"}},

      {"barrier_in_a_branch",
       [](Arguments a) { launch(barrier_in_a_branch, 1, 64, 0, 0, a.x); },
       {"divergent __syncthreads", "@branch.odd", "@branch.even"}},
      {"return_before_a_barrier",
       [](Arguments a) { launch(return_before_a_barrier, 1, 64, 0, 0, a.x); },
       {"divergent __syncthreads", "@early_return", "24 of 64 threads"}},
      {"barrier_missed_by_a_warp",
       [](Arguments a) { launch(barrier_missed_by_a_warp, 1, 64, 0, 0, a.x); },
       {"deadlock", "@missed"}},
      {"grid_barrier_in_an_ordinary_launch",
       [](Arguments a) { launch(grid_barrier_in_an_ordinary_launch, 1, 32, 0, 0, a.x); },
       {"grid barrier in an ordinary launch", "@ordinary_grid"}},
      {"returned_lane",
       [](Arguments a) { launch(returned_lane, 1, 32, 0, 0, a.x); },
       {"shuffle from lane", "which takes no part", "@returned_lane"}},
      {"lane_outside_the_mask",
       [](Arguments a) { launch(lane_outside_the_mask, 1, 32, 0, 0, a.x); },
       {"shuffle from lane", "which takes no part", "@outside_mask"}},
      {"mask_without_the_caller",
       [](Arguments a) { launch(mask_without_the_caller, 1, 32, 0, 0, a.x); },
       {"mask leaves out the caller", "@without_caller"}},
      {"two_calls_of_one_mask",
       [](Arguments a) { launch(two_calls_of_one_mask, 1, 32, 0, 0, a.x); },
       {"divergent warp operation", "@two_calls.odd", "@two_calls.even"}},
      {"flag_never_set",
       [](Arguments a) { launch(flag_never_set, 1, 32, 0, 0, a.flags); },
       {"deadlock", "32 threads", "@never_set"}},
      {"lock_never_released",
       [](Arguments a) { launch(lock_never_released, 1, 32, 0, 0, a.flags); },
       {"deadlock", "31 threads", "@never_released"}},
  };
}

std::vector<BrokenKernel> overrunning_kernels() {
  return {
      {"write_past_the_end",
       [](Arguments a) { launch(write_past_the_end, 2, 256, 0, 0, a.x, kBrokenSize); },
       {"heap-buffer-overflow"}},
      {"read_before_the_beginning",
       [](Arguments a) { launch(read_before_the_beginning, 1, 32, 0, 0, a.x, a.y); },
       {"heap-buffer-overflow"}},
      {"dynamic_shared_overrun",
       [](Arguments a) { launch(dynamic_shared_overrun, 1, 64, 64 * sizeof(float), 0, a.y); },
       {"heap-buffer-overflow"}},
      {"static_shared_overrun",
       [](Arguments a) { launch(static_shared_overrun, 1, 64, 0, 0, a.y, 1); },
       {"index 64 out of bounds"}},
      {"misaligned",
       [](Arguments a) { launch(misaligned, 1, 32, 0, 0, a.x, a.y); },
       {"misaligned address"}},
  };
}
// clang-format on

}  // namespace gan::emulation
