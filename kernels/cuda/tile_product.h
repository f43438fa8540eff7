// One tile of a matrix product by one block of threads, with whatever comes before and after it:
// the operands are functions of their indices, and so is what becomes of the result.
#pragma once
#include "kernels/cuda/launch.h"
#include "kernels/cuda/mma.h"
#include "kernels/ops.h"

namespace gan::cuda {

inline constexpr int kTileThreads = 256;
inline constexpr int kTileWarps = kTileThreads / 32;

// A warp has 16 × 32 results, 16 in every lane.  The warps of a block lie kDown × kAcross, and as
// many times as that leaves warps they share out the depth of the product.
template <int kDown, int kAcross>
struct TileShape {
  static constexpr int kRows = 16 * kDown, kColumns = 32 * kAcross;
  static constexpr int kDeep = kTileWarps / (kDown * kAcross);
  static constexpr int kSlice = kDeep > 4 ? 8 : 32 / kDeep;  // of a chunk's depth, for one warp
  static constexpr int kDepth = kDeep * kSlice;              // of a chunk
  // 8 more than a multiple of 16: the lanes that load a fragment meet different banks.
  static constexpr int kRowPitch = kRows + 8, kColumnPitch = kColumns + 8;
  static constexpr int kChunk = kDepth * (kRowPitch + kColumnPitch);  // of both operands
  static constexpr int kEach = kRows * kColumns / kTileThreads;       // results for every thread
};
using SmallTile = TileShape<1, 1>;  // 16 × 32
using WideTile = TileShape<1, 2>;   // 16 × 64
using LargeTile = TileShape<2, 2>;  // 32 × 64

// Values of shared memory that a tile needs: two chunks, or the results of all warps.
inline constexpr int kTileShared = 2 * SmallTile::kChunk;
template <class Shape>
inline constexpr bool kFits =
    kTileShared >= 2 * Shape::kChunk&& kTileShared >= Shape::kDeep* Shape::kRows* Shape::kColumns;
static_assert(kFits<SmallTile> && kFits<WideTile> && kFits<LargeTile>);

// What of an operand lies side by side in memory: its elements along the depth of the product, or
// across it.
enum class Side { depth, width };

// Where element number `index` of a chunk lies, so that a warp reads what lies side by side.
struct Place {
  int i, k;
};
template <int kWidth, int kDepth>
__device__ __forceinline__ Place place_of(Side side, int index) {
  if (side == Side::width) return {index % kWidth, index / kWidth};
  // 8 along the depth are a sector of memory, and 4 beside them fall into other banks.
  const int lane = index % 32, group = index / 32;
  return {group / (kDepth / 8) * 4 + lane / 8, group % (kDepth / 8) * 8 + lane % 8};
}

template <int kWidth, int kDepth, class Operand>
__device__ __forceinline__ void fetch(float (&values)[kWidth * kDepth / kTileThreads],
                                      const Operand& operand, int first) {
#pragma unroll
  for (int e = 0; e < kWidth * kDepth / kTileThreads; ++e) {
    const Place at =
        place_of<kWidth, kDepth>(Operand::kSide, e * kTileThreads + static_cast<int>(threadIdx.x));
    values[e] = operand(at.i, first + at.k);
  }
}

// In shared memory an operand lies across: element (i, k) at k·pitch + i.
template <Precision kPrecision, int kWidth, int kDepth>
__device__ __forceinline__ void stash(float* shared,
                                      const float (&values)[kWidth * kDepth / kTileThreads],
                                      Side side) {
#pragma unroll
  for (int e = 0; e < kWidth * kDepth / kTileThreads; ++e) {
    const Place at =
        place_of<kWidth, kDepth>(side, e * kTileThreads + static_cast<int>(threadIdx.x));
    shared[at.k * (kWidth + 8) + at.i] =
        kPrecision == Precision::tf32 ? to_tf32(values[e]) : values[e];
  }
}

// Where a warp stands in a tile.
template <class Shape>
struct WarpPlace {
  int warp = static_cast<int>(threadIdx.x) / 32;
  int deep = warp % Shape::kDeep;
  int row = warp / Shape::kDeep % (Shape::kRows / 16) * 16;
  int column = warp / Shape::kDeep / (Shape::kRows / 16) * 32;
};

// Four values side by side, read together.
struct alignas(16) Four {
  float value[4];
};

// Adds a warp's slice of a chunk to its sums.  In fp32, sums[r][c] of a lane is the result in row
// 4·(lane div 8) + r and column 4·(lane mod 8) + c.
template <class Shape>
__device__ __forceinline__ void accumulate_fp32(float (&sums)[4][4], const float* a,
                                                const float* b) {
  const WarpPlace<Shape> at;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  a += at.row + 4 * (lane / 8);
  b += at.column + 4 * (lane % 8);
#pragma unroll
  for (int step = 0; step < Shape::kSlice; ++step) {
    const int k = at.deep * Shape::kSlice + step;
    const Four x = *reinterpret_cast<const Four*>(a + k * Shape::kRowPitch);
    const Four y = *reinterpret_cast<const Four*>(b + k * Shape::kColumnPitch);
#pragma unroll
    for (int r = 0; r < 4; ++r)
#pragma unroll
      for (int c = 0; c < 4; ++c) sums[r][c] = fmaf(x.value[r], y.value[c], sums[r][c]);
  }
}

// A fragment of TF32 numbers, and what they leave of the numbers they were rounded from.
template <int kSize>
struct Split {
  float high[kSize], low[kSize];
};
template <int kSize>
__device__ __forceinline__ Split<kSize> split(const float (&values)[kSize]) {
  Split<kSize> parts;
#pragma unroll
  for (int i = 0; i < kSize; ++i) {
    parts.high[i] = to_tf32(values[i]);
    parts.low[i] = to_tf32(values[i] - parts.high[i]);
  }
  return parts;
}

// The same on tensor cores: sums[n] is the fragment (mma.h) of columns 8·n … 8·n + 7.  3xTF32 adds
// what one rounding loses of either factor; what both lose together is below float's precision.
template <Precision kPrecision, class Shape>
__device__ __forceinline__ void accumulate_mma(float (&sums)[4][4], const float* a,
                                               const float* b) {
  const WarpPlace<Shape> at;
  const int lane = static_cast<int>(threadIdx.x) % 32, group = lane / 4, place = lane % 4;
#pragma unroll
  for (int step = 0; step < Shape::kSlice; step += 8) {
    const int k = at.deep * Shape::kSlice + step + place;
    float x[4];
#pragma unroll
    for (int i = 0; i < 4; ++i)
      x[i] = a[(k + 4 * (i / 2)) * Shape::kRowPitch + at.row + group + 8 * (i % 2)];
#pragma unroll
    for (int n = 0; n < 4; ++n) {
      float y[2];
#pragma unroll
      for (int i = 0; i < 2; ++i)
        y[i] = b[(k + 4 * i) * Shape::kColumnPitch + at.column + 8 * n + group];
      if constexpr (kPrecision == Precision::tf32) {
        mma_m16n8k8(sums[n], x, y, sums[n]);
      } else {
        const Split<4> xs = split(x);
        const Split<2> ys = split(y);
        mma_m16n8k8(sums[n], xs.low, ys.high, sums[n]);
        mma_m16n8k8(sums[n], xs.high, ys.low, sums[n]);
        mma_m16n8k8(sums[n], xs.high, ys.high, sums[n]);
      }
    }
  }
}

// Lays a warp's sums out in shared memory: its share of the depth after that of the others.
template <Precision kPrecision, class Shape>
__device__ __forceinline__ void lay_out(float* shared, const float (&sums)[4][4]) {
  const WarpPlace<Shape> at;
  const int lane = static_cast<int>(threadIdx.x) % 32;
  float* const tile = shared + at.deep * Shape::kRows * Shape::kColumns;
#pragma unroll
  for (int p = 0; p < 4; ++p)
#pragma unroll
    for (int q = 0; q < 4; ++q) {
      const bool fp32 = kPrecision == Precision::fp32;
      const int row = fp32 ? 4 * (lane / 8) + p : lane / 4 + 8 * (q / 2);
      const int column = fp32 ? 4 * (lane % 8) + q : 8 * p + 2 * (lane % 4) + q % 2;
      tile[(at.row + row) * Shape::kColumns + at.column + column] = sums[p][q];
    }
}

// Whether the device that is compiled for has such products.  On one that has not, kernels do
// nothing; the host does not launch them (why_no_fused_step).
template <Precision kPrecision>
__device__ constexpr bool has_products() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  return kPrecision == Precision::fp32;
#else
  return true;
#endif
}

// Σₖ a(i, k)·b(j, k) over k < depth, for the rows i and columns j of a tile; use(e, i, j, sum)
// takes each of them, the e-th of its thread.  Operands give 0 outside of their matrices.  All
// threads of the block call it; shared: kTileShared values, aligned to 16 bytes, free to be used
// again on return.  Sums are taken in a fixed order.
template <Precision kPrecision, class Shape, class A, class B, class Use>
__device__ __forceinline__ void product_tile(const A& a, const B& b, int depth, float* shared,
                                             const Use& use) {
  constexpr int kRows = Shape::kRows, kColumns = Shape::kColumns, kDepth = Shape::kDepth;
  float sums[4][4] = {};
  float next_a[kRows * kDepth / kTileThreads], next_b[kColumns * kDepth / kTileThreads];
  fetch<kRows, kDepth>(next_a, a, 0);
  fetch<kColumns, kDepth>(next_b, b, 0);
  // While one chunk is multiplied, the next is on its way.  A warp fills a chunk's place when all
  // have left the chunk before the last: that is what the one barrier is for.
  int turn = 0;
  for (int k = 0; k < depth; k += kDepth, turn ^= 1) {
    float* const chunk_a = shared + turn * Shape::kChunk;
    float* const chunk_b = chunk_a + kDepth * Shape::kRowPitch;
    stash<kPrecision, kRows, kDepth>(chunk_a, next_a, A::kSide);
    stash<kPrecision, kColumns, kDepth>(chunk_b, next_b, B::kSide);
    __syncthreads();
    if (k + kDepth < depth) {
      fetch<kRows, kDepth>(next_a, a, k + kDepth);
      fetch<kColumns, kDepth>(next_b, b, k + kDepth);
    }
    if constexpr (kPrecision == Precision::fp32)
      accumulate_fp32<Shape>(sums, chunk_a, chunk_b);
    else
      accumulate_mma<kPrecision, Shape>(sums, chunk_a, chunk_b);
  }
  __syncthreads();
  lay_out<kPrecision, Shape>(shared, sums);
  __syncthreads();
#pragma unroll
  for (int e = 0; e < Shape::kEach; ++e) {
    const int index = e * kTileThreads + static_cast<int>(threadIdx.x);
    float sum = shared[index];
#pragma unroll
    for (int deep = 1; deep < Shape::kDeep; ++deep) sum += shared[deep * kRows * kColumns + index];
    use(e, index / kColumns, index % kColumns, sum);
  }
  __syncthreads();
}

}  // namespace gan::cuda
