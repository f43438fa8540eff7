// Gradients of parameters, applied by Adam in the block that computes them: no such gradient is
// stored in global memory.
#pragma once
#include "kernels/cuda/adam.h"
#include "kernels/cuda/ema.h"
#include "kernels/cuda/fused_operands.h"
#include "kernels/cuda/rounding.h"

namespace gan::cuda {

// What the updates of a phase share.
struct FusedUpdate {
  const AdamFactors* factors;
  const Clock* clock;  // for the decay of the moving average
};

// Stores the new value w of parameter i, and updates its moving average.
__device__ __forceinline__ void store_parameter(const FusedParameters& parameters, std::size_t i,
                                                float w, float ema) {
  parameters.value[i] = w;
  if (parameters.average) ema_update(parameters.average[i], w, ema);
}

// A tile of a layer's weights that begins at (row, column).
template <class Shape>
struct WeightTile {
  const FusedLayer& layer;
  int row, column;

  __device__ __forceinline__ bool has(int i, int j) const {
    return row + i < layer.out && column + j < layer.in;
  }
  __device__ __forceinline__ int at(int i, int j) const {
    return (row + i) * layer.in + column + j;
  }
};

// Returns x, hidden from the compiler, so that it recomputes addresses after the product instead of
// keeping them in registers that the product's sums need.
__device__ __forceinline__ int opaque(int x) {
  asm volatile("" : "+r"(x));
  return x;
}

// Updates a tile of a layer's weights.  The gradient is Σₖ dz(k, row)·x(k, column) over `depth`
// rows of a batch.  Weights, moments and `ready` operands are loaded without waiting for the phase
// before.
template <class Mode, class Shape, class Tile>
__device__ __forceinline__ void update_weights(const WeightTile<Shape>& tile, const float* dz,
                                               const float* x, int depth, const FusedUpdate& update,
                                               Operands ready, const Tile& at) {
  const FusedLayer& layer = tile.layer;
  const FusedParameters& weight = layer.weight;
  float w[Shape::kEach], m[Shape::kEach], v[Shape::kEach];
  const auto a = columns_from<Mode>(dz, layer.out, tile.row),
             b = columns_from<Mode>(x, layer.in, tile.column);
  const TileProduct<Mode, Shape, decltype(a), decltype(b)> product(a, b, depth, at.product);
  product.start(ready, [&] {
    for_each_result<Shape>([&](int e, int i, int j) {
      if (!tile.has(i, j)) return;
      const int place = tile.at(i, j);
      w[e] = weight.value[place];
      m[e] = weight.moment1[place];
      v[e] = weight.moment2[place];
    });
    at.await_phase_before();
  });
  const AdamFactors factors = *update.factors;
  const float ema = static_cast<float>(update.clock->ema);
  const WeightTile<Shape> again{layer, opaque(tile.row), opaque(tile.column)};
  product.finish([&](int e, int i, int j, float gradient) {
    if (!again.has(i, j)) return;
    const int place = again.at(i, j);
    adam_update(w[e], m[e], v[e], gradient, factors);
    store_parameter(weight, place, w[e], ema);
    if constexpr (Mode::kPrecision == Precision::tf32) layer.operand[place] = to_tf32(w[e]);
    weight.moment1[place] = m[e];
    weight.moment2[place] = v[e];
  });
}

// Parameters whose gradients are sums over a batch: Σᵢ scale(i)·x(i, j) for parameter j, or
// Σᵢ x(i, j) without `scale`.
struct ColumnSums {
  FusedParameters parameters;
  const float* x;      // (depth, width)
  const float* scale;  // (depth); may be null
  int width;
};

// Updates tile number `tile` of some sets: kColumns parameters of one set.  kShares threads divide
// the rows of a column among them, each with kAtOnce loads in flight at a time.
template <int kColumns, int kSets>
__device__ __forceinline__ void update_columns(const ColumnSums (&sets)[kSets], int tile, int depth,
                                               const FusedUpdate& update, float* shared) {
  constexpr int kShares = kTileThreads / kColumns, kAtOnce = 32;
  ColumnSums set = sets[0];
#pragma unroll
  for (int k = 1; k < kSets; ++k) {
    const int before = tiles_of(sets[k - 1].width, kColumns);
    if (tile < before) break;
    tile -= before;
    set = sets[k];
  }
  const int place = threadIdx.x % kColumns, share = threadIdx.x / kColumns,
            j = tile * kColumns + place;
  const AdamFactors factors = *update.factors;
  const float ema = static_cast<float>(update.clock->ema);
  float sum = 0;
  if (j < set.width)
    for (int begin = share; begin < depth; begin += kAtOnce * kShares) {
      float values[kAtOnce];
#pragma unroll
      for (int k = 0; k < kAtOnce; ++k) {
        const int i = begin + k * kShares;
        values[k] = i < depth ? set.x[i * set.width + j] : 0;
        if (set.scale && i < depth) values[k] *= set.scale[i];
      }
#pragma unroll
      for (int k = 0; k < kAtOnce; ++k) sum += values[k];
    }
  shared[threadIdx.x] = sum;
  __syncthreads();
  if (share == 0 && j < set.width) {
    for (int k = 1; k < kShares; ++k) sum += shared[k * kColumns + place];
    const FusedParameters& p = set.parameters;
    float w = p.value[j];
    adam_update(w, p.moment1[j], p.moment2[j], sum, factors);
    store_parameter(p, j, w, ema);
  }
  __syncthreads();
}

}  // namespace gan::cuda
