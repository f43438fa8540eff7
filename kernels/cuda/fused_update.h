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
  AdamFactors* factors;  // in shared memory
};

// Every update begins so; the factors are there after the next barrier.
__device__ __forceinline__ void find_factors(const FusedUpdate& update) {
  if (threadIdx.x == 0) *update.factors = adam_factors(update.settings, update.clock);
}

// A parameter's new value, and the average's.
__device__ __forceinline__ void keep(const FusedParameters& parameters, std::size_t i, float w,
                                     float ema) {
  parameters.value[i] = w;
  if (parameters.average) {
    float& average = parameters.average[i];
    average += (1 - ema) * (w - average);
  }
}

// The results of a tile that lie in a layer's weights.
template <class Shape>
struct WeightTile {
  const FusedLayer& layer;
  int row, column;

  __device__ __forceinline__ bool has(int i, int j) const {
    return row + i < layer.out && column + j < layer.in;
  }
  __device__ __forceinline__ std::size_t at(int i, int j) const {
    return static_cast<std::size_t>(row + i) * layer.in + column + j;
  }
  // visit(e, place in the weights) for those of the running thread, as product_tile() counts them.
  template <class Visit>
  __device__ __forceinline__ void for_each(const Visit& visit) const {
#pragma unroll
    for (int e = 0; e < Shape::kEach; ++e) {
      const int index = e * kTileThreads + static_cast<int>(threadIdx.x);
      const int i = index / Shape::kColumns, j = index % Shape::kColumns;
      if (has(i, j)) visit(e, at(i, j));
    }
  }
};

// Moments that stay in shared memory while a kernel goes from step to step.  A thread has its own,
// so that nobody waits for them.
template <class Shape>
struct ResidentMoments {
  static constexpr int kSize = 2 * Shape::kEach * kTileThreads;  // values
  float* memory;

  __device__ __forceinline__ float& m(int e) const {
    return memory[2 * e * kTileThreads + threadIdx.x];
  }
  __device__ __forceinline__ float& v(int e) const {
    return memory[(2 * e + 1) * kTileThreads + threadIdx.x];
  }
};

// A tile of a layer's weights: the gradient is Σₖ dz(k, row)·x(k, column) over `depth` rows of a
// batch.  Weights and moments are on their way while it is computed.  The moments are the layer's,
// or resident ones if `resident` is not null.
template <Precision kPrecision, class Shape, class Delta, class Input>
__device__ __forceinline__ void update_weights(const WeightTile<Shape>& tile, const Delta& dz,
                                               const Input& x, int depth, const FusedUpdate& update,
                                               float* shared, float* resident) {
  find_factors(update);
  const FusedParameters& weight = tile.layer.weight;
  const ResidentMoments<Shape> moments{resident};
  float w[Shape::kEach], m[Shape::kEach], v[Shape::kEach];
  tile.for_each([&](int e, std::size_t at) {
    w[e] = weight.value[at];
    m[e] = resident ? moments.m(e) : weight.moment1[at];
    v[e] = resident ? moments.v(e) : weight.moment2[at];
  });
  product_tile<kPrecision, Shape>(dz, x, depth, shared, [&](int e, int i, int j, float gradient) {
    if (!tile.has(i, j)) return;
    const std::size_t at = tile.at(i, j);
    adam_update(w[e], m[e], v[e], gradient, update.settings, *update.factors);
    keep(weight, at, w[e], update.ema);
    (resident ? moments.m(e) : weight.moment1[at]) = m[e];
    (resident ? moments.v(e) : weight.moment2[at]) = v[e];
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
    const FusedParameters& bias = layer.bias;
    float w = bias.value[j];
    adam_update(w, bias.moment1[j], bias.moment2[j], sum, update.settings, *update.factors);
    keep(bias, j, w, update.ema);
  }
  __syncthreads();
}

}  // namespace gan::cuda
