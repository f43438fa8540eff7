// Products of small matrices by a whole warp on its tensor cores: d = a·b + c with TF32 inputs and
// float sums. Fragments as in the PTX ISA, "Matrix Fragments for mma.m16n8k8 with .tf32"; lane =
// 4·group + place:
//   a: (16, 8)  a[i] = A[group + 8·(i mod 2)][place + 4·(i div 2)]
//   b: (8, 8)   b[i] = B[place + 4·i][group]
//   c: (16, 8)  c[i] = C[group + 8·(i div 2)][2·place + i mod 2]; d likewise
#pragma once
#include <cuda_runtime.h>

namespace gan::cuda {

// Returns x as the tensor cores read it: they drop the bits that TF32 does not have.
__device__ __forceinline__ float truncated_to_tf32(float x) {
  return __uint_as_float(__float_as_uint(x) & 0xffffe000u);
}

// Rounds a finite x to TF32's 10 bits after the point, to nearest and ties away from zero, like
// cvt.rna.tf32, but in fewer instructions.
__device__ __forceinline__ float to_tf32(float x) {
  return __uint_as_float((__float_as_uint(x) + 0x1000u) & 0xffffe000u);
}

// Computes d = a·b + c; c may be d.  All 32 lanes call it together.  Bits of a and b beyond TF32
// are dropped.  Devices before compute capability 8.0 have no such instruction, and stop with an
// error.
__device__ __forceinline__ void mma_m16n8k8(float (&d)[4], const float (&a)[4], const float (&b)[2],
                                            const float (&c)[4]) {
#if __CUDA_ARCH__ >= 800
  asm volatile(
      "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, "
      "%9}, "
      "{%10, %11, %12, %13};"
      : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
      : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])), "r"(__float_as_uint(a[2])),
        "r"(__float_as_uint(a[3])), "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])),
        "f"(c[0]), "f"(c[1]), "f"(c[2]), "f"(c[3]));
#else
  __trap();
#endif
}

// Reads four matrices of 8 rows of 4 floats from shared memory, by a whole warp: lane 8·m + r
// passes the address of row r of matrix m, aligned to 16 bytes, and each lane gets element (lane
// div 4, lane mod 4) of matrix m in out[m] (PTX ISA, "ldmatrix", whose pairs of 16 bits are one
// float here).
__device__ __forceinline__ void load_matrices(float (&out)[4], const float* row) {
  unsigned bits[4];
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(bits[0]), "=r"(bits[1]), "=r"(bits[2]), "=r"(bits[3])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(row)))
               : "memory");
#pragma unroll
  for (int m = 0; m < 4; ++m) out[m] = __uint_as_float(bits[m]);
}

}  // namespace gan::cuda
