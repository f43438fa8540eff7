// One tile of a matrix product, computed by one block of threads.
//
// The warps of the block divide the depth of the product among them: each computes the whole tile
// over its own part of the depth, from operands that it alone copies to its own part of the shared
// memory.  So no warp waits for another until the warps' tiles are added up, in a fixed order.  The
// copies are asynchronous and many at a time, because a small product mostly waits for the latency
// of the L2 cache.
#pragma once
#include "kernels/cuda/async_copy.h"
#include "kernels/cuda/launch.h"
#include "kernels/cuda/mma.h"
#include "kernels/cuda/rounding.h"
#include "kernels/ops.h"

namespace gan::cuda {

inline constexpr int kTileThreads = 256;
inline constexpr int kTileWarps = kTileThreads / 32;
inline constexpr int kChunkDepth = 16;  // depth of what a warp copies at once

// How a kernel computes: the precision of its products, and the number of adjacent values that it
// may copy together in every matrix, 4 if all rows are aligned to 16 bytes, else 1.
template <Precision kPrecisionOf, int kValuesAtOnce>
struct Arithmetic {
  static constexpr Precision kPrecision = kPrecisionOf;
  static constexpr int kVector = kValuesAtOnce;
};

// Returns x as it is stored for later products: rounded once, where it is written.
template <class Mode>
__device__ __forceinline__ float for_products(float x) {
  return Mode::kPrecision == Precision::tf32 ? to_tf32(x) : x;
}

// Along which dimension the elements of an operand are adjacent in memory: along the depth of the
// product, or across it (the rows of a, the columns of b).
enum class Side { depth, width };

// Where a chunk of an operand lies in shared memory: element (i, k) at i·kPitch + k or k·kPitch +
// i. The pitches let the lanes that read a fragment meet different banks.
template <Side kSide, int kWidth>
struct ChunkLayout {
  static constexpr int kPitch = kSide == Side::depth ? kChunkDepth + 4 : kWidth + 8;
  static constexpr int kSize = kPitch * (kSide == Side::depth ? kWidth : kChunkDepth);
};
template <int kWidth>
inline constexpr int kLargestChunk =
    ChunkLayout<Side::depth, kWidth>::kSize > ChunkLayout<Side::width, kWidth>::kSize
        ? ChunkLayout<Side::depth, kWidth>::kSize
        : ChunkLayout<Side::width, kWidth>::kSize;

template <int kRowsOf, int kColumnsOf>
struct TileShape {
  static constexpr int kRows = kRowsOf, kColumns = kColumnsOf;
  static constexpr int kEach = kRows * kColumns / kTileThreads;  // results of a thread
  static constexpr int kSums = kRows * kColumns / 32;  // sums of a lane in its warp's tile
  static constexpr int kChunk = kLargestChunk<kRows> + kLargestChunk<kColumns>;
  static constexpr int kPitch = kColumns + 8;  // of a warp's tile in shared memory (lay_out)
  static constexpr int kLaidOut = kRows * kPitch;
  static constexpr int kUnrolled =
      kSums > 16 ? 1 : 2;  // unrolled steps of the depth; those of a large tile are long
};
using SmallTile = TileShape<16, 32>;
using WideTile = TileShape<16, 64>;
using MediumTile = TileShape<32, 32>;
using LargeTile = TileShape<32, 64>;

// The shared memory, in values, that a warp needs to have kStages chunks in flight.
template <class Shape, int kStages = 1>
inline constexpr int kWarpShared =
    kStages* Shape::kChunk > Shape::kLaidOut ? kStages* Shape::kChunk : Shape::kLaidOut;
inline constexpr int kMostStages = 4;

// A warp's part of a product's depth: a multiple of the depth of one tensor core product, 8, except
// at the end.
struct DepthShare {
  int begin, end;

  __device__ __forceinline__ explicit DepthShare(int depth) {
    constexpr int kStep = 8;
    const int share = tiles_of(depth, kTileWarps * kStep) * kStep;
    begin = min(static_cast<int>(threadIdx.x) / 32 * share, depth);
    end = min(begin + share, depth);
  }
  __device__ __forceinline__ int chunks() const {
    return (end - begin + kChunkDepth - 1) / kChunkDepth;
  }
};

__device__ __forceinline__ int lane_of_warp() {
  return static_cast<int>(threadIdx.x) % 32;
}

// Four adjacent values, read together.
struct alignas(16) Four {
  float value[4];
};
__device__ __forceinline__ Four four_at(const float* x) {
  return *reinterpret_cast<const Four*>(x);
}

// An operand in shared memory that a product reads: a chunk, or a matrix that stays there.  at(i,
// k) points to an element.
template <Side kSideOf>
struct SharedOperand {
  static constexpr Side kSide = kSideOf;
  const float* x;
  int pitch;

  __device__ __forceinline__ const float* at(int i, int k) const {
    return x + (kSide == Side::depth ? i * pitch + k : k * pitch + i);
  }
};

// Returns the row (kLanes = 4) or the column (kLanes = 8) of result r of a lane in fp32: a warp is
// a grid of 4 × 8 lanes.  If the operand's elements are adjacent across the depth, a lane owns
// groups of four neighbours, because it reads four at once.
template <Side kSide, int kLanes>
__device__ __forceinline__ constexpr int place_fp32(int lane, int r) {
  return kSide == Side::depth ? lane + kLanes * r : 4 * lane + 4 * kLanes * (r / 4) + r % 4;
}

// Loads a lane's values for four steps of the depth and kEach results from number `first` on:
// values[result][step].
template <int kEach, int kLanes, class Operand>
__device__ __forceinline__ void load_fp32(float (&values)[kEach][4], const Operand& x, int lane,
                                          int first, int k) {
  if constexpr (Operand::kSide == Side::depth) {
#pragma unroll
    for (int r = 0; r < kEach; ++r) {
      const Four four = four_at(x.at(place_fp32<Side::depth, kLanes>(lane, first + r), k));
#pragma unroll
      for (int s = 0; s < 4; ++s) values[r][s] = four.value[s];
    }
  } else {
#pragma unroll
    for (int s = 0; s < 4; ++s)
#pragma unroll
      for (int r = 0; r < kEach; r += 4) {
        const Four four = four_at(x.at(place_fp32<Side::width, kLanes>(lane, first + r), k + s));
#pragma unroll
        for (int q = 0; q < 4; ++q) values[r + q][s] = four.value[q];
      }
  }
}

// Adds eight steps of the depth to a warp's sums.
template <class Shape, class A, class B>
__device__ __forceinline__ void accumulate_fp32(float (&sums)[Shape::kSums], const A& a, const B& b,
                                                int k) {
  constexpr int kDown = Shape::kRows / 4, kAcross = Shape::kColumns / 8;
  const int lane = lane_of_warp();
#pragma unroll Shape::kUnrolled
  for (int step = 0; step < 8; step += 4) {
    // In groups of 4×4 results, which leave registers for the sums.
#pragma unroll
    for (int r = 0; r < kDown; r += 4) {
      float x[4][4];
      load_fp32<4, 4>(x, a, lane / 8, r, k + step);
#pragma unroll
      for (int c = 0; c < kAcross; c += 4) {
        float y[4][4];
        load_fp32<4, 8>(y, b, lane % 8, c, k + step);
#pragma unroll
        for (int s = 0; s < 4; ++s)
#pragma unroll
          for (int p = 0; p < 4; ++p)
#pragma unroll
            for (int q = 0; q < 4; ++q) {
              float& sum = sums[(r + p) * kAcross + c + q];
              sum = fmaf(x[p][s], y[q][s], sum);
            }
      }
    }
  }
}

// Loads the fragments (mma.h) of 16 rows of a, or of 16 columns of b, for eight steps of the depth.
// Those of a are four registers; those of b two registers for each half of the columns.
enum class Factor { a, b };
template <Factor kFactor, class Operand>
__device__ __forceinline__ void load_fragments(float (&values)[4], const Operand& x, int i, int k) {
  const int lane = lane_of_warp();
  if constexpr (Operand::kSide == Side::depth) {
    const int matrix = lane / 8;
    const int lower = kFactor == Factor::a ? matrix % 2 : matrix / 2,
              later = kFactor == Factor::a ? matrix / 2 : matrix % 2;
    load_matrices(values, x.at(i + 8 * lower + lane % 8, k + 4 * later));
  } else {
#pragma unroll
    for (int m = 0; m < 4; ++m) {
      const int lower = kFactor == Factor::a ? m % 2 : m / 2,
                later = kFactor == Factor::a ? m / 2 : m % 2;
      values[m] = *x.at(i + 8 * lower + lane / 4, k + 4 * later + lane % 4);
    }
  }
}

// Adds a·b to d on tensor cores.  3xTF32 also adds the two products with the part that one factor
// lost by truncation; the product of both lost parts is below float's precision.
template <Precision kPrecision>
__device__ __forceinline__ void multiply_add(float (&d)[4], const float (&a)[4],
                                             const float (&b)[2]) {
  if constexpr (kPrecision == Precision::tf32x3) {
    float low_a[4], low_b[2];
#pragma unroll
    for (int i = 0; i < 4; ++i) low_a[i] = a[i] - truncated_to_tf32(a[i]);
#pragma unroll
    for (int i = 0; i < 2; ++i) low_b[i] = b[i] - truncated_to_tf32(b[i]);
    mma_m16n8k8(d, low_a, b, d);
    mma_m16n8k8(d, a, low_b, d);
  }
  mma_m16n8k8(d, a, b, d);
}

template <Precision kPrecision, class Shape, class A, class B>
__device__ __forceinline__ void accumulate_mma(float (&sums)[Shape::kSums], const A& a, const B& b,
                                               int k) {
  constexpr int kDown = Shape::kRows / 16, kAcross = Shape::kColumns / 8;
  float x[kDown][4];
#pragma unroll
  for (int m = 0; m < kDown; ++m) load_fragments<Factor::a>(x[m], a, 16 * m, k);
#pragma unroll
  for (int n = 0; n < kAcross; n += 2) {
    float y[4];
    load_fragments<Factor::b>(y, b, 8 * n, k);
#pragma unroll
    for (int half = 0; half < 2; ++half)
#pragma unroll
      for (int m = 0; m < kDown; ++m) {
        float(&sum)[4] = reinterpret_cast<float(&)[4]>(sums[4 * (m * kAcross + n + half)]);
        const float(&columns)[2] = reinterpret_cast<const float(&)[2]>(y[2 * half]);
        multiply_add<kPrecision>(sum, x[m], columns);
      }
  }
}

// Lays a warp's sums out in its shared memory, row after row.
template <class Mode, class Shape, Side kSideA, Side kSideB>
__device__ __forceinline__ void lay_out(float* tile, const float (&sums)[Shape::kSums]) {
  const int lane = lane_of_warp();
  if constexpr (Mode::kPrecision == Precision::fp32) {
    constexpr int kDown = Shape::kRows / 4, kAcross = Shape::kColumns / 8;
#pragma unroll
    for (int r = 0; r < kDown; ++r)
#pragma unroll
      for (int c = 0; c < kAcross; ++c)
        tile[place_fp32<kSideA, 4>(lane / 8, r) * Shape::kPitch +
             place_fp32<kSideB, 8>(lane % 8, c)] = sums[r * kAcross + c];
  } else {
    constexpr int kAcross = Shape::kColumns / 8;
#pragma unroll
    for (int e = 0; e < Shape::kSums; ++e) {
      const int fragment = e / 4, i = e % 4;
      const int row = 16 * (fragment / kAcross) + lane / 4 + 8 * (i / 2),
                column = 8 * (fragment % kAcross) + 2 * (lane % 4) + i % 2;
      tile[row * Shape::kPitch + column] = sums[e];
    }
  }
}

// Returns whether the architecture that is compiled for has what a product needs.  On older ones
// the phases do nothing, and the host never launches them (why_no_fused_step).
__device__ constexpr bool has_products() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 800
  return false;
#else
  return true;
#endif
}

// A block's memory for products.
struct ProductMemory {
  float* shared;    // kTileWarps·warp_values, aligned to 16 bytes
  int warp_values;  // at least kWarpShared of the product's shape; a multiple of 4
};

// Calls visit(e, i, j) for the results that finish() passes to the running thread, in the same
// order.
template <class Shape, class Visit>
__device__ __forceinline__ void for_each_result(const Visit& visit) {
#pragma unroll
  for (int e = 0; e < Shape::kEach; ++e) {
    const int index = e * kTileThreads + static_cast<int>(threadIdx.x);
    visit(e, index / Shape::kColumns, index % Shape::kColumns);
  }
}

// Some of a product's operands.
enum class Operands { none, a, b, both };

// The product Σₖ a(i, k)·b(j, k) over k < depth, for the rows i and columns j of a tile.  All
// threads of the block call start(), and then finish().
//
// The types A and B (fused_operands.h) have kSide, and kIsShared: whether the operand lies in
// shared memory already.  If it does, they have x and pitch.  If not, fetch<kWidth>(chunk, first,
// end) starts to copy kWidth rows or columns at the depths [first, first + kChunkDepth) to a chunk,
// with zeros from depth `end` on and outside of the matrix.
template <class Mode, class Shape, class A, class B>
class TileProduct {
 public:
  __device__ __forceinline__ TileProduct(const A& a, const B& b, int depth, ProductMemory memory)
      : a_(a),
        b_(b),
        share_(depth),
        memory_(memory),
        own_(memory.shared + static_cast<int>(threadIdx.x) / 32 * memory.warp_values),
        stages_(min(kMostStages, memory.warp_values / Shape::kChunk)) {}

  // Starts to copy the operands that are not in shared memory: those in `ready` at once, the others
  // after wait(), which it calls once.
  template <class Wait>
  __device__ __forceinline__ void start(Operands ready, const Wait& wait) const {
    const bool ready_a = ready == Operands::a || ready == Operands::both,
               ready_b = ready == Operands::b || ready == Operands::both;
#pragma unroll 1
    for (int turn = 0; turn < 2 * stages_; ++turn) {
      const bool first_turn = turn < stages_;
      if (turn == stages_) wait();
      const int stage = first_turn ? turn : turn - stages_;
      copy_chunk(stage, stage, ready_a == first_turn, ready_b == first_turn);
      if (!first_turn) end_copy_group();
    }
  }

  // Computes the tile and calls use(e, i, j, sum) for each result, the e-th of its thread.  On
  // return the memory is free.
  template <class Use>
  __device__ __forceinline__ void finish(const Use& use) const {
    float sums[Shape::kSums] = {};
    const int chunks = share_.chunks();
#pragma unroll 1
    for (int c = 0, stage = 0; c < chunks; ++c) {
      wait_for_oldest();
      __syncwarp();
      multiply_chunk(sums, c, stage);
      __syncwarp();
      copy_chunk(c + stages_, stage, true, true);
      end_copy_group();
      stage = stage + 1 < stages_ ? stage + 1 : 0;
    }
    wait_for_copies<0>();
    __syncwarp();
    lay_out<Mode, Shape, A::kSide, B::kSide>(own_, sums);
    __syncthreads();
    add_up(use);
    __syncthreads();
  }

 private:
  // Starts to copy chunk c of the operands that are asked for; does nothing past the last chunk.
  __device__ __forceinline__ void copy_chunk(int c, int stage, bool with_a, bool with_b) const {
    const int first = share_.begin + c * kChunkDepth;
    float* const chunk = own_ + stage * Shape::kChunk;
    if (first >= share_.end) return;
    if constexpr (!A::kIsShared)
      if (with_a) a_.template fetch<Shape::kRows>(chunk, first, share_.end);
    if constexpr (!B::kIsShared)
      if (with_b)
        b_.template fetch<Shape::kColumns>(chunk + kLargestChunk<Shape::kRows>, first, share_.end);
  }

  __device__ __forceinline__ void wait_for_oldest() const {
    static_assert(kMostStages == 4);
    if (stages_ == 4)
      wait_for_copies<3>();
    else if (stages_ == 3)
      wait_for_copies<2>();
    else if (stages_ == 2)
      wait_for_copies<1>();
    else
      wait_for_copies<0>();
  }

  // Returns an operand from depth `first` on, in the chunk or where it stays.
  template <int kWidth, class Operand>
  __device__ __forceinline__ static SharedOperand<Operand::kSide> from(const Operand& x,
                                                                       const float* chunk,
                                                                       int first) {
    if constexpr (Operand::kIsShared)
      return {SharedOperand<Operand::kSide>{x.x, x.pitch}.at(0, first), x.pitch};
    else
      return {chunk, ChunkLayout<Operand::kSide, kWidth>::kPitch};
  }

  __device__ __forceinline__ void multiply_chunk(float (&sums)[Shape::kSums], int c,
                                                 int stage) const {
    const int first = share_.begin + c * kChunkDepth;
    const float* const chunk = own_ + stage * Shape::kChunk;
    const auto a = from<Shape::kRows>(a_, chunk, first);
    const auto b = from<Shape::kColumns>(b_, chunk + kLargestChunk<Shape::kRows>, first);
#pragma unroll Shape::kUnrolled
    for (int k = 0; k < kChunkDepth; k += 8) {
      if (first + k >= share_.end) break;
      if constexpr (Mode::kPrecision == Precision::fp32)
        accumulate_fp32<Shape>(sums, a, b, k);
      else
        accumulate_mma<Mode::kPrecision, Shape>(sums, a, b, k);
    }
  }

  template <class Use>
  __device__ __forceinline__ void add_up(const Use& use) const {
    for_each_result<Shape>([&](int e, int i, int j) {
      const float* const place = memory_.shared + i * Shape::kPitch + j;
      float sum = *place;
#pragma unroll
      for (int warp = 1; warp < kTileWarps; ++warp) sum += place[warp * memory_.warp_values];
      use(e, i, j, sum);
    });
  }

  A a_;
  B b_;
  DepthShare share_;
  ProductMemory memory_;
  float* own_;  // the warp's part of the memory
  int stages_;  // the number of chunks that it holds
};

}  // namespace gan::cuda
