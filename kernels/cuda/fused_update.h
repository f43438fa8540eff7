// Gradients of parameters, and Adam at once: neither gradients nor moments travel.
#pragma once
#include "kernels/cuda/adam.h"
#include "kernels/cuda/ema.h"
#include "kernels/cuda/fused_operands.h"
#include "kernels/cuda/rounding.h"

namespace gan::cuda {

// What the updates of a phase have in common.
struct FusedUpdate {
  const AdamFactors* factors;
  const Clock* clock;  // which has the decay of the average of what has one
};

// A parameter's new value, and the average's.
__device__ __forceinline__ void keep(const FusedParameters& parameters, std::size_t i, float w,
                                     float ema) {
  parameters.value[i] = w;
  if (parameters.average) ema_update(parameters.average[i], w, ema);
}

// The results of a tile that lie in a layer's weights.
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

// x, of which a compiler does not know that it is the same: so it computes what depends on x again,
// and keeps no addresses in registers that a product's sums need.
__device__ __forceinline__ int forgotten(int x) {
  asm volatile("" : "+r"(x));
  return x;
}

// A tile of a layer's weights: the gradient is Σₖ dz(k, row)·x(k, column) over `depth` rows of a
// batch. Weights and moments are on their way before the phase starts, and so are `early` operands.
template <class Mode, class Shape, class Tile>
__device__ __forceinline__ void update_weights(const WeightTile<Shape>& tile, const float* dz,
                                               const float* x, int depth, const FusedUpdate& update,
                                               Operands early, const Tile& at) {
  const FusedLayer& layer = tile.layer;
  const FusedParameters& weight = layer.weight;
  float w[Shape::kEach], m[Shape::kEach], v[Shape::kEach];
  const auto a = columns_from<Mode>(dz, layer.out, tile.row),
             b = columns_from<Mode>(x, layer.in, tile.column);
  const TileProduct<Mode, Shape, decltype(a), decltype(b)> product(a, b, depth, at.product);
  product.start(early, [&] {
    for_each_result<Shape>([&](int e, int i, int j) {
      if (!tile.has(i, j)) return;
      const int place = tile.at(i, j);
      w[e] = weight.value[place];
      m[e] = weight.moment1[place];
      v[e] = weight.moment2[place];
    });
    at.start();
  });
  const AdamFactors factors = *update.factors;
  const float ema = static_cast<float>(update.clock->ema);
  const WeightTile<Shape> again{layer, forgotten(tile.row), forgotten(tile.column)};
  product.finish([&](int e, int i, int j, float gradient) {
    if (!again.has(i, j)) return;
    const int place = again.at(i, j);
    adam_update(w[e], m[e], v[e], gradient, factors);
    keep(weight, place, w[e], ema);
    if constexpr (Mode::kPrecision == Precision::tf32) layer.operand[place] = to_tf32(w[e]);
    weight.moment1[place] = m[e];
    weight.moment2[place] = v[e];
  });
}

// Parameters whose gradients are sums over a batch: Σᵢ scale(i)·x(i, j) for parameter j, without
// `scale` Σᵢ x(i, j).
struct ColumnSums {
  FusedParameters parameters;
  const float* x;      // (depth, width)
  const float* scale;  // (depth); may be null
  int width;
};

// The parameters of some sets, kColumns of a set in a tile.  The block's other threads share the
// rows of a column, whose values are on their way many at a time.
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
    keep(p, j, w, ema);
  }
  __syncthreads();
}

}  // namespace gan::cuda
