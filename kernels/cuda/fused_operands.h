// The operands of the fused step's products (tile_product.h).  Each begins at its tile's first row
// or column and spans the whole depth.
#pragma once
#include "kernels/cuda/fused_step.h"
#include "kernels/cuda/pixels.h"
#include "kernels/cuda/rounding.h"
#include "kernels/cuda/tile_product.h"

namespace gan::cuda {

// Rows of a row-major matrix: element (i, k) is x(i, k).
template <int kVector>
struct RowsOf {
  static constexpr Side kSide = Side::depth;
  static constexpr bool kIsShared = false;
  const float* x;
  int pitch, rows;  // rows: from the tile's first one to the matrix's end

  template <int kWidth>
  __device__ __forceinline__ void fetch(float* chunk, int first, int end) const {
    constexpr int kLanes = kChunkDepth / kVector;  // that copy one row
    const int k = lane_of_warp() % kLanes * kVector, row = lane_of_warp() / kLanes;
#pragma unroll 4
    for (int e = 0; e < kWidth * kLanes / 32; ++e) {
      const int i = e * (32 / kLanes) + row;
      copy_async<kVector>(chunk + i * ChunkLayout<kSide, kWidth>::kPitch + k,
                          x + i * pitch + first + k, i < rows && first + k < end);
    }
  }
};

// Columns of a row-major matrix: element (i, k) is x(k, i).
template <int kVector>
struct ColumnsOf {
  static constexpr Side kSide = Side::width;
  static constexpr bool kIsShared = false;
  const float* x;
  int pitch, columns;  // columns: from the tile's first one to the matrix's end

  template <int kWidth>
  __device__ __forceinline__ void fetch(float* chunk, int first, int end) const {
    constexpr int kLanes = kWidth / kVector;  // that copy one k
    static_assert(kLanes <= 32 || kLanes % 32 == 0);
#pragma unroll 4
    for (int e = 0; e < kChunkDepth * kLanes / 32; ++e) {
      const int index = e * 32 + lane_of_warp(), i = index % kLanes * kVector, k = index / kLanes;
      copy_async<kVector>(chunk + k * ChunkLayout<kSide, kWidth>::kPitch + i,
                          x + (first + k) * pitch + i, i < columns && first + k < end);
    }
  }
};

// A matrix in shared memory that has all rows of the tile, and zeros up to a multiple of 8 columns.
struct SharedRows {
  static constexpr Side kSide = Side::depth;
  static constexpr bool kIsShared = true;
  const float* x;
  int pitch;
};
// Returns a pitch at which the rows of a fragment lie in different banks.
__host__ __device__ constexpr int shared_pitch(int width) {
  return rounded_up(width, 32) + 4;
}

// The real images of the step's batch, converted from bytes, and stored as floats for later
// products.
template <class Mode>
struct RealRows {
  static constexpr Side kSide = Side::depth;
  static constexpr bool kIsShared = false;
  const std::uint8_t* images;
  const std::uint32_t* order;  // begins at the tile's first row
  float* copy;                 // (rows, pixels), begins there, too; or null
  int pixels, rows;

  // Loads all bytes of a lane before it stores any, so that the loads overlap.
  template <int kWidth>
  __device__ __forceinline__ void fetch(float* chunk, int first, int end) const {
    constexpr int kVector = Mode::kVector, kLanes = kChunkDepth / kVector,
                  kEach = kWidth * kLanes / 32;
    struct alignas(kVector) Bytes {
      std::uint8_t value[kVector];
    };
    struct alignas(kVector * sizeof(float)) Values {
      float value[kVector];
    };
    const int k = lane_of_warp() % kLanes * kVector, row = lane_of_warp() / kLanes;
    Bytes bytes[kEach];
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
      const int i = e * (32 / kLanes) + row;
      bytes[e] = {};
      if (i < rows && first + k < end)
        bytes[e] = *reinterpret_cast<const Bytes*>(
            images + static_cast<std::size_t>(order[i]) * pixels + first + k);
    }
#pragma unroll
    for (int e = 0; e < kEach; ++e) {
      const int i = e * (32 / kLanes) + row;
      Values values;
#pragma unroll
      for (int v = 0; v < kVector; ++v)
        values.value[v] = for_products<Mode>(pixel_value(bytes[e].value[v]));
      *reinterpret_cast<Values*>(chunk + i * ChunkLayout<kSide, kWidth>::kPitch + k) = values;
      if (copy && i < rows && first + k < end)
        *reinterpret_cast<Values*>(copy + i * pixels + first + k) = values;
    }
  }
};

// Return operands that begin at row `row`, or at column `column`, of a matrix of `width` columns.
template <class Mode>
__device__ __forceinline__ RowsOf<Mode::kVector> rows_from(const float* x, int width, int row,
                                                           int rows) {
  return {x + row * width, width, rows - row};
}
template <class Mode>
__device__ __forceinline__ ColumnsOf<Mode::kVector> columns_from(const float* x, int width,
                                                                 int column) {
  return {x + column, width, width - column};
}

// Return a layer's weights as operand b: output by output for the forward pass, input by input for
// the backward pass.
template <class Mode>
__device__ __forceinline__ RowsOf<Mode::kVector> outputs_of(const FusedLayer& layer, int output) {
  return rows_from<Mode>(layer.operand, layer.in, output, layer.out);
}
template <class Mode>
__device__ __forceinline__ ColumnsOf<Mode::kVector> inputs_of(const FusedLayer& layer, int input) {
  return columns_from<Mode>(layer.operand, layer.in, input);
}

}  // namespace gan::cuda
