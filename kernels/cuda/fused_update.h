// Gradients of parameters, and Adam at once: neither gradients nor moments travel.
#pragma once
#include "kernels/cuda/adam.h"
#include "kernels/cuda/fused_operands.h"

namespace gan::cuda {

// What the updates of a phase have in common.
struct FusedUpdate {
  AdamSettings settings;
  const Clock* clock;
  float ema;             // decay of the average of what has one
  AdamFactors* factors;  // in shared memory, behind a tile's
};

// Every update begins so; the factors are there after the next barrier.
__device__ __forceinline__ void find_factors(const FusedUpdate& update) {
  if (threadIdx.x == 0) *update.factors = adam_factors(update.settings, update.clock);
}

__device__ __forceinline__ void update_parameter(const FusedParameters& parameters, std::size_t i,
                                                 float w, float m, float v, float gradient,
                                                 const FusedUpdate& update) {
  adam_update(w, m, v, gradient, update.settings, *update.factors);
  parameters.value[i] = w;
  parameters.moment1[i] = m;
  parameters.moment2[i] = v;
  if (parameters.average) {
    float& average = parameters.average[i];
    average += (1 - update.ema) * (w - average);
  }
}

// A tile of a layer's weights from (row, column) on: the gradient is Σₖ dz(k, row)·x(k, column)
// over `depth` rows of a batch.  Weights and moments are on their way while it is computed.
template <Precision kPrecision, class Shape, class Delta, class Input>
__device__ __forceinline__ void update_weights(const FusedLayer& layer, int row, int column,
                                               const Delta& dz, const Input& x, int depth,
                                               const FusedUpdate& update, float* shared) {
  find_factors(update);
  float w[Shape::kEach], m[Shape::kEach], v[Shape::kEach];
  const auto place = [&](int i, int j) {
    return static_cast<std::size_t>(row + i) * layer.in + column + j;
  };
  const auto is_there = [&](int i, int j) { return row + i < layer.out && column + j < layer.in; };
#pragma unroll
  for (int e = 0; e < Shape::kEach; ++e) {
    const int index = e * kTileThreads + static_cast<int>(threadIdx.x);
    const int i = index / Shape::kColumns, j = index % Shape::kColumns;
    if (!is_there(i, j)) continue;
    w[e] = layer.weight.value[place(i, j)];
    m[e] = layer.weight.moment1[place(i, j)];
    v[e] = layer.weight.moment2[place(i, j)];
  }
  product_tile<kPrecision, Shape>(dz, x, depth, shared, [&](int e, int i, int j, float gradient) {
    if (is_there(i, j))
      update_parameter(layer.weight, place(i, j), w[e], m[e], v[e], gradient, update);
  });
}

inline constexpr int kBiasTile = 32;

// 32 of a layer's biases: the gradient of each is the sum of a column of dz: (depth, layer.out).
// Eight threads share its rows.
__device__ __forceinline__ void update_biases(const FusedLayer& layer, int first, const float* dz,
                                              int depth, const FusedUpdate& update, float* shared) {
  find_factors(update);
  const int lane = threadIdx.x % kBiasTile, share = threadIdx.x / kBiasTile, j = first + lane;
  float sum = 0;
  if (j < layer.out)
    for (int i = share; i < depth; i += kTileThreads / kBiasTile)
      sum += dz[static_cast<std::size_t>(i) * layer.out + j];
  shared[threadIdx.x] = sum;
  __syncthreads();
  if (share == 0 && j < layer.out) {
    for (int k = 1; k < kTileThreads / kBiasTile; ++k) sum += shared[k * kBiasTile + lane];
    const FusedParameters& b = layer.bias;
    update_parameter(b, j, b.value[j], b.moment1[j], b.moment2[j], sum, update);
  }
  __syncthreads();
}

}  // namespace gan::cuda
