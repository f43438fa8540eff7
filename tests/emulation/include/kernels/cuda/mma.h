// The emulated twin of kernels/cuda/mma.h: every lane fetches the elements of its rows and columns
// from the lanes that hold them.  Sums are in float and in the order of k; the device's own order
// and rounding are not modelled.
#pragma once
#include <cuda_runtime.h>

namespace gan::cuda {

inline float truncated_to_tf32(float x) {
  return __uint_as_float(__float_as_uint(x) & 0xffffe000u);
}

inline float to_tf32(float x) {
  return __uint_as_float((__float_as_uint(x) + 0x1000u) & 0xffffe000u);
}

inline void mma_m16n8k8(float (&d)[4], const float (&a)[4], const float (&b)[2],
                        const float (&c)[4]) {
  constexpr unsigned kAll = 0xffffffffu;
  const int lane = static_cast<int>(threadIdx.x) % 32, group = lane / 4, place = lane % 4;
  float sum[4] = {c[0], c[1], c[2], c[3]};
  for (int k = 0; k < 8; ++k) {
    const int a_lane = 4 * group + k % 4;
    const float upper =
        truncated_to_tf32(__shfl_sync(kAll, a[2 * (k / 4)], a_lane));  // A[group][k]
    const float lower =
        truncated_to_tf32(__shfl_sync(kAll, a[2 * (k / 4) + 1], a_lane));  // A[group + 8][k]
    const float left =
        truncated_to_tf32(__shfl_sync(kAll, b[k / 4], 4 * (2 * place) + k % 4));  // B[k][2·place]
    const float right = truncated_to_tf32(
        __shfl_sync(kAll, b[k / 4], 4 * (2 * place + 1) + k % 4));  // B[k][2·place + 1]
    sum[0] += upper * left;
    sum[1] += upper * right;
    sum[2] += lower * left;
    sum[3] += lower * right;
  }
  for (int i = 0; i < 4; ++i) d[i] = sum[i];
}

inline void load_matrices(float (&out)[4], const float* row) {
  constexpr unsigned kAll = 0xffffffffu;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  emulation::require_alignment(row, 16);
  for (int m = 0; m < 4; ++m) out[m] = __shfl_sync(kAll, row, 8 * m + lane / 4)[lane % 4];
}

}  // namespace gan::cuda
