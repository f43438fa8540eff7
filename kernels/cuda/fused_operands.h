// The operands of the fused step's products (tile_product.h), each from its tile's first row and
// column on, and for all of the depth.
#pragma once
#include "kernels/cuda/fused_step.h"
#include "kernels/cuda/pixels.h"
#include "kernels/cuda/rounding.h"
#include "kernels/cuda/tile_product.h"

namespace gan::cuda {

// x(i, k) of a row-major matrix.
template <int kVector>
struct RowsOf {
  static constexpr Side kSide = Side::depth;
  static constexpr bool kIsShared = false;
  const float* x;
  int pitch, rows;  // rows are what is left of them

  template <int kWidth>
  __device__ __forceinline__ void fetch(float* chunk, int first, int end) const {
    constexpr int kLanes = kChunkDepth / kVector;  // of a row
    const int k = lane_of_warp() % kLanes * kVector, row = lane_of_warp() / kLanes;
#pragma unroll 4
    for (int e = 0; e < kWidth * kLanes / 32; ++e) {
      const int i = e * (32 / kLanes) + row;
      copy_async<kVector>(chunk + i * ChunkLayout<kSide, kWidth>::kPitch + k,
                          x + i * pitch + first + k, i < rows && first + k < end);
    }
  }
};

// x(k, i): its transpose.
template <int kVector>
struct ColumnsOf {
  static constexpr Side kSide = Side::width;
  static constexpr bool kIsShared = false;
  const float* x;
  int pitch, columns;

  template <int kWidth>
  __device__ __forceinline__ void fetch(float* chunk, int first, int end) const {
    constexpr int kLanes = kWidth / kVector;  // of a depth
    static_assert(kLanes <= 32 || kLanes % 32 == 0);
#pragma unroll 4
    for (int e = 0; e < kChunkDepth * kLanes / 32; ++e) {
      const int index = e * 32 + lane_of_warp(), i = index % kLanes * kVector, k = index / kLanes;
      copy_async<kVector>(chunk + k * ChunkLayout<kSide, kWidth>::kPitch + i,
                          x + (first + k) * pitch + i, i < columns && first + k < end);
    }
  }
};

// Rows in shared memory, all of whose rows a tile has; zeros follow up to a multiple of 8 columns.
struct SharedRows {
  static constexpr Side kSide = Side::depth;
  static constexpr bool kIsShared = true;
  const float* x;
  int pitch;
};
// Rows so far apart meet different banks.
__host__ __device__ constexpr int shared_pitch(int width) {
  return rounded_up(width, 32) + 4;
}

// The real images of the step's batch, from bytes; and a copy of them as floats for later products.
template <class Mode>
struct RealRows {
  static constexpr Side kSide = Side::depth;
  static constexpr bool kIsShared = false;
  const std::uint8_t* images;
  const std::uint32_t* order;  // from the tile's first row on
  float* copy;                 // likewise (rows, pixels); or null
  int pixels, rows;

  // The bytes of a lane arrive together before any is stored.
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

// From row `row` of (rows, width) on; from column `column` of (…, width) on.
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

// A layer's weights: its outputs beside each other for the way forward, its inputs for the way
// back.
template <class Mode>
__device__ __forceinline__ RowsOf<Mode::kVector> outputs_of(const FusedLayer& layer, int output) {
  return rows_from<Mode>(layer.operand, layer.in, output, layer.out);
}
template <class Mode>
__device__ __forceinline__ ColumnsOf<Mode::kVector> inputs_of(const FusedLayer& layer, int input) {
  return columns_from<Mode>(layer.operand, layer.in, input);
}

}  // namespace gan::cuda
