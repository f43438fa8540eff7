// Stands instead of the toolkit's header: thread blocks, tiles of up to a warp, the grid.
// Limits: no coalesced groups, no tiles larger than a warp, no clusters.
#pragma once
#include <cuda_runtime.h>

namespace cooperative_groups {

struct thread_block {
  void sync(GAN_AT) const { __syncthreads(at); }
  unsigned thread_rank() const {
    return (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
  }
  unsigned num_threads() const { return blockDim.x * blockDim.y * blockDim.z; }
  unsigned size() const { return num_threads(); }
  dim3 thread_index() const { return threadIdx; }
  dim3 group_index() const { return blockIdx; }
};

struct grid_group {
  void sync(GAN_AT) const { gan::emulation::grid_barrier(at); }
  bool is_valid() const { return gan::emulation::in_cooperative_launch(); }
  unsigned long long num_blocks() const { return 1ull * gridDim.x * gridDim.y * gridDim.z; }
  unsigned long long block_rank() const {
    return (1ull * blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
  }
  unsigned long long num_threads() const { return num_blocks() * thread_block{}.num_threads(); }
  unsigned long long size() const { return num_threads(); }
  unsigned long long thread_rank() const {
    return block_rank() * thread_block{}.num_threads() + thread_block{}.thread_rank();
  }
};

template <unsigned Size, class Parent = void>
class thread_block_tile {
 public:
  static_assert(Size >= 1 && Size <= 32 && (Size & (Size - 1)) == 0);

  void sync(GAN_AT) const { __syncwarp(mask(), at); }
  unsigned thread_rank() const { return gan::emulation::lane() % Size; }
  static constexpr unsigned num_threads() { return Size; }
  static constexpr unsigned size() { return Size; }
  unsigned meta_group_rank() const { return thread_block{}.thread_rank() / Size; }
  unsigned meta_group_size() const { return (thread_block{}.num_threads() + Size - 1) / Size; }

  template <class T>
  T shfl(T value, int source, GAN_AT) const {
    return __shfl_sync(mask(), value, source, Size, at);
  }
  template <class T>
  T shfl_down(T value, unsigned delta, GAN_AT) const {
    return __shfl_down_sync(mask(), value, delta, Size, at);
  }
  template <class T>
  T shfl_up(T value, unsigned delta, GAN_AT) const {
    return __shfl_up_sync(mask(), value, delta, Size, at);
  }
  template <class T>
  T shfl_xor(T value, int lane_mask, GAN_AT) const {
    return __shfl_xor_sync(mask(), value, lane_mask, Size, at);
  }
  unsigned ballot(int predicate, GAN_AT) const {
    return (__ballot_sync(mask(), predicate, at) & mask()) >> first_lane();
  }
  int any(int predicate, GAN_AT) const { return __any_sync(mask(), predicate, at); }
  int all(int predicate, GAN_AT) const { return __all_sync(mask(), predicate, at); }

 private:
  static unsigned first_lane() { return gan::emulation::lane() / Size * Size; }
  static unsigned mask() { return (~0u >> (32 - Size)) << first_lane(); }
};

inline thread_block this_thread_block() {
  return {};
}
inline grid_group this_grid() {
  return {};
}
template <unsigned Size, class Parent>
thread_block_tile<Size, Parent> tiled_partition(const Parent&) {
  return {};
}
template <class Group>
void sync(const Group& group, GAN_AT) {
  group.sync(at);
}

}  // namespace cooperative_groups
