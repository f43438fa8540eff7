// The operands of the fused step's products (tile_product.h), each from its tile's first row,
// column and depth on.
#pragma once
#include "kernels/cuda/fused_step.h"
#include "kernels/cuda/tile_product.h"

namespace gan::cuda {

// x(i, k) of a row-major matrix.
struct RowsOf {
  static constexpr Side kSide = Side::depth;
  const float* x;
  int pitch, rows, depth;  // rows and depth are what is left of them

  __device__ __forceinline__ float operator()(int i, int k) const {
    return i < rows && k < depth ? x[i * pitch + k] : 0.0f;
  }
};

// x(k, i): its transpose.
struct ColumnsOf {
  static constexpr Side kSide = Side::width;
  const float* x;
  int pitch, columns, depth;

  __device__ __forceinline__ float operator()(int i, int k) const {
    return i < columns && k < depth ? x[k * pitch + i] : 0.0f;
  }
};

// The images of the step's real batch.
struct RealBatch {
  const std::uint8_t* images;
  const std::uint32_t* order;  // from the batch's first image on
  int pixels;

  __device__ __forceinline__ RealBatch(const FusedStep& s)
      : images(s.data.images), order(s.data.order), pixels(s.data.pixels) {
    const std::uint64_t per_epoch = (s.data.count + s.batch - 1) / s.batch;
    order += s.clock->step % per_epoch * s.batch;
  }

  __device__ __forceinline__ float operator()(int row, int pixel) const {
    return images[static_cast<std::size_t>(order[row]) * pixels + pixel] / 255.0f;
  }
};

// Rows of real images, and a part of their pixels.
struct RealRows {
  static constexpr Side kSide = Side::depth;
  RealBatch batch;
  int row, pixel, rows, depth;

  __device__ __forceinline__ float operator()(int i, int k) const {
    return i < rows && k < depth ? batch(row + i, pixel + k) : 0.0f;
  }
};

// Pixels of all images that D's update sees: of the real ones, then of the generated ones.
struct SeenPixels {
  static constexpr Side kSide = Side::width;
  RealBatch batch;
  const float* fake;
  int pixel, pixels, rows;  // pixels: what is left of them; rows: of each kind

  __device__ __forceinline__ float operator()(int i, int k) const {
    if (i >= pixels || k >= 2 * rows) return 0;
    return k < rows ? batch(k, pixel + i) : fake[(k - rows) * batch.pixels + pixel + i];
  }
};

// A matrix in shared memory, all of whose rows a tile has.
struct SharedRows {
  static constexpr Side kSide = Side::depth;
  const float* x;
  int pitch, depth;

  __device__ __forceinline__ float operator()(int i, int k) const {
    return k < depth ? x[i * pitch + k] : 0.0f;
  }
};

// From row `row` of (rows, width) on; from column `column` of (depth, width) on.
__device__ __forceinline__ RowsOf rows_from(const float* x, int width, int row, int rows) {
  return {x + row * width, width, rows - row, width};
}
__device__ __forceinline__ ColumnsOf columns_from(const float* x, int width, int column,
                                                  int depth) {
  return {x + column, width, width - column, depth};
}

// A layer's weights: its outputs beside each other for the way forward, its inputs for the way
// back.
__device__ __forceinline__ RowsOf outputs_of(const FusedLayer& layer, int output) {
  return rows_from(layer.weight.value, layer.in, output, layer.out);
}
// Outputs over a part of the inputs.
__device__ __forceinline__ RowsOf outputs_of(const FusedLayer& layer, int output, int input,
                                             int inputs) {
  return {layer.weight.value + output * layer.in + input, layer.in, layer.out - output, inputs};
}
__device__ __forceinline__ ColumnsOf inputs_of(const FusedLayer& layer, int input) {
  return columns_from(layer.weight.value, layer.in, input, layer.out);
}

}  // namespace gan::cuda
