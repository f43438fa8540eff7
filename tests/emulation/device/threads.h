// Who a thread is and how it waits for others: indices, barriers, shuffles, votes.
//
// Models: every barrier and warp operation waits for the threads that take part.  Limits:
// __activemask() is the caller's own lane (a legal answer, and the one that shows who relies on
// more), a block-wide barrier must be reached on one source line, and an inactive shuffle source
// gives NaN.
#pragma once
#include <cuda_runtime.h>

#include <cstring>
#include <type_traits>

#include "tests/emulation/engine/device_calls.h"

extern uint3 threadIdx, blockIdx;  // set by the scheduler at every switch
extern dim3 blockDim, gridDim;
inline constexpr int warpSize = 32;

namespace gan::emulation {

// The value of lane `from`, or the caller's own.
template <class T>
T shuffle(unsigned mask, T value, int from, ShuffleSource source, const Location& at) {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(Payload));
  WarpRequest request{WarpOperation::shuffle, source, from, {}};
  std::memcpy(&request.payload, &value, sizeof value);
  const Payload result = warp_operation(mask, request, at);
  std::memcpy(&value, &result, sizeof value);
  return value;
}

inline unsigned ballot(unsigned mask, bool predicate, const Location& at) {
  const WarpRequest request{WarpOperation::ballot, ShuffleSource::own, 0, {{predicate, 0}}};
  return static_cast<unsigned>(warp_operation(mask, request, at).words[0]);
}

// A warp may be cut into segments of `width` lanes.  A source outside the caller's segment means
// the caller's own value, but __shfl_xor may read from an earlier segment.
inline ShuffleSource own_if(bool outside) {
  return outside ? ShuffleSource::own : ShuffleSource::lane;
}

}  // namespace gan::emulation

// The place of the call, for reports: last parameter of all that a thread may have to wait in.
#define GAN_AT const gan::emulation::Location& at = gan::emulation::Location::current()

inline void __syncthreads(GAN_AT) {
  gan::emulation::block_barrier(false, at);
}
inline int __syncthreads_count(int predicate, GAN_AT) {
  return gan::emulation::block_barrier(predicate != 0, at);
}
inline int __syncthreads_and(int predicate, GAN_AT) {
  return gan::emulation::block_barrier(predicate == 0, at) == 0;
}
inline int __syncthreads_or(int predicate, GAN_AT) {
  return gan::emulation::block_barrier(predicate != 0, at) != 0;
}
inline void __syncwarp(unsigned mask = ~0u, GAN_AT) {
  gan::emulation::warp_operation(
      mask, {gan::emulation::WarpOperation::sync, gan::emulation::ShuffleSource::own, 0, {}}, at);
}

inline unsigned __activemask() {
  return 1u << gan::emulation::lane();
}
inline unsigned __ballot_sync(unsigned mask, int predicate, GAN_AT) {
  return gan::emulation::ballot(mask, predicate != 0, at);
}
inline int __any_sync(unsigned mask, int predicate, GAN_AT) {
  return gan::emulation::ballot(mask, predicate != 0, at) != 0;
}
inline int __all_sync(unsigned mask, int predicate, GAN_AT) {
  return gan::emulation::ballot(mask, predicate == 0, at) == 0;
}

template <class T>
T __shfl_sync(unsigned mask, T value, int source, int width = warpSize, GAN_AT) {
  const int segment = static_cast<int>(gan::emulation::lane()) & ~(width - 1);
  return gan::emulation::shuffle(mask, value, segment + (source & (width - 1)),
                                 gan::emulation::ShuffleSource::lane, at);
}
template <class T>
T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = warpSize, GAN_AT) {
  const int lane = static_cast<int>(gan::emulation::lane()), from = lane + static_cast<int>(delta);
  return gan::emulation::shuffle(mask, value, from,
                                 gan::emulation::own_if(from / width != lane / width), at);
}
template <class T>
T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = warpSize, GAN_AT) {
  const int lane = static_cast<int>(gan::emulation::lane()), from = lane - static_cast<int>(delta);
  return gan::emulation::shuffle(mask, value, from,
                                 gan::emulation::own_if(from < (lane & ~(width - 1))), at);
}
template <class T>
T __shfl_xor_sync(unsigned mask, T value, int lane_mask, int width = warpSize, GAN_AT) {
  const int lane = static_cast<int>(gan::emulation::lane()), from = lane ^ lane_mask;
  return gan::emulation::shuffle(mask, value, from,
                                 gan::emulation::own_if(from / width > lane / width), at);
}
