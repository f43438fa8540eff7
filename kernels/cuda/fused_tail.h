// The discriminator behind its first product, for 16 rows at a time: forward to the logits, the
// loss, and back to the first hidden layer.
#pragma once
#include "kernels/cuda/activations.h"
#include "kernels/cuda/bce.h"
#include "kernels/cuda/fused_operands.h"
#include "kernels/cuda/philox.h"

namespace gan::cuda {

inline constexpr int kTailRows = SmallTile::kRows;
inline constexpr int kSlab = 200;  // of the pixels, for one part of D's first product

__host__ __device__ inline int tiles_of(int size, int tile) {
  return (size + tile - 1) / tile;
}

// The images that a tail is for.
enum class Shown { real, fake, fooling };

// Where they lie: in D's buffers, and in the batch of all three kinds that dropout counts.
struct TailRows {
  int first, place;
};
__device__ __forceinline__ TailRows rows_of(const FusedStep& s, Shown shown) {
  const int n = s.rows;
  if (shown == Shown::real) return {0, 0};
  if (shown == Shown::fake) return {n, n};
  return {0, 2 * n};
}

// What dropout multiplies value number `word` of the step with.
__device__ __forceinline__ float dropout_factor(const FusedStep& s, std::size_t word) {
  if (s.dropout_rate == 0) return 1;
  const uint4 drawn = philox(s.dropout, s.clock->step, word / 4);
  const std::uint32_t words[] = {drawn.x, drawn.y, drawn.z, drawn.w};
  std::uint32_t mine = words[0];
#pragma unroll
  for (int k = 1; k < 4; ++k)
    if (word % 4 == k) mine = words[k];
  return is_kept(mine, s.dropout_rate) ? 1 / (1 - s.dropout_rate) : 0;
}

// The tail's shared memory, behind that of a product's tile.
struct TailShared {
  float *d1, *d2, *dd1, *dd2;           // (16, width)
  float *logits, *losses, *p, *deltas;  // (16)

  __device__ __forceinline__ TailShared(const FusedStep& s, float* shared) {
    const int width1 = s.discriminator.layers[0].out, width2 = s.discriminator.layers[1].out;
    d1 = shared + kTileShared;
    d2 = d1 + kTailRows * width1;
    dd1 = d2 + kTailRows * width2;
    dd2 = dd1 + kTailRows * width1;
    losses = dd2 + kTailRows * width2;
    p = losses + kTailRows;
    deltas = p + kTailRows;
  }
};
__host__ __device__ inline int tail_shared(const FusedStep& s) {
  const FusedLayer* const d = s.discriminator.layers;
  return kTailRows * (2 * d[0].out + 2 * d[1].out + 3);
}

// Several blocks may have the same rows: one of them records their losses.
enum class Losses { recorded, dropped };

template <Precision kPrecision>
class Tail {
 public:
  __device__ __forceinline__ Tail(const FusedStep& step, Shown what, int tile, float* memory)
      : s(step),
        shown(what),
        row(tile * kTailRows),
        at(rows_of(step, what)),
        shared(memory),
        own(step, memory) {}

  // What D's update needs is left in the scratch, and the losses are where `losses` asks for them.
  __device__ __forceinline__ void run(Losses losses) {
    first_layer();
    second_layer();
    logits();
    if (losses == Losses::recorded && threadIdx.x == 0) add_up_losses();
    back_to_second_layer();
    back_to_first_layer();
  }
  // The gradient before D's first activation, in shared memory.
  __device__ __forceinline__ SharedRows gradient() const {
    const int width = s.discriminator.layers[0].out;
    return {own.dd1, width, width};
  }

 private:
  // Rows past the last are computed as zeros.
  __device__ __forceinline__ bool is_there(int i) const { return row + i < s.rows; }
  __device__ __forceinline__ bool is_stored(int i) const {
    return is_there(i) && shown != Shown::fooling;
  }
  __device__ __forceinline__ std::size_t in_buffer(int i, int width) const {
    return static_cast<std::size_t>(at.first + row + i) * width;
  }

  // Value j of row i behind hidden layer l.
  __device__ __forceinline__ float dropped(int l, int i, int j) const {
    const FusedLayer* const d = s.discriminator.layers;
    const std::size_t before = l == 0 ? 0 : std::size_t{3} * s.batch * d[0].out;
    return dropout_factor(s, before + std::size_t(at.place + row + i) * d[l].out + j);
  }

  __device__ __forceinline__ float forward(int l, int i, int j, float sum) const {
    const float x = sum + s.discriminator.layers[l].bias.value[j];
    return is_there(i) ? dropped(l, i, j) * leaky(x, s.discriminator.slope) : 0;
  }
  // The gradient before an activation, from that behind it and from y, the layer's output.
  __device__ __forceinline__ float backward(int l, int i, int j, float dy, float y) const {
    const float dx = dropped(l, i, j) * dy;
    return y > 0 ? dx : s.discriminator.slope * dx;
  }

  // The parts of the first product are added in their order.
  __device__ __forceinline__ void first_layer() {
    const int width = s.discriminator.layers[0].out;
    const bool fake = shown == Shown::fake;
    const int slabs = tiles_of(s.pixels(), fake ? LargeTile::kColumns : kSlab);
    const float* const first = fake ? s.scratch.fake_slabs : s.scratch.slabs;
    const std::size_t slab = static_cast<std::size_t>(s.batch) * width;
    for (int e = threadIdx.x; e < kTailRows * width; e += kTileThreads) {
      const int i = e / width, j = e % width;
      const float* const part = first + (row + i) * width + j;
      float sum = 0;
      if (is_there(i))
        for (int k = 0; k < slabs; ++k) sum += part[k * slab];
      own.d1[e] = forward(0, i, j, sum);
      if (is_stored(i)) s.scratch.d1[in_buffer(i, width) + j] = own.d1[e];
    }
    __syncthreads();
  }

  __device__ __forceinline__ void second_layer() {
    const FusedLayer& layer = s.discriminator.layers[1];
    for (int column = 0; column < layer.out; column += SmallTile::kColumns)
      product_tile<kPrecision, SmallTile>(SharedRows{own.d1, layer.in, layer.in},
                                          outputs_of(layer, column), layer.in, shared,
                                          [&](int, int i, int c, float sum) {
                                            const int j = column + c;
                                            if (j >= layer.out) return;
                                            const float y = forward(1, i, j, sum);
                                            own.d2[i * layer.out + j] = y;
                                            if (is_stored(i))
                                              s.scratch.d2[in_buffer(i, layer.out) + j] = y;
                                          });
  }

  // A warp takes a row, and then another.
  __device__ __forceinline__ void logits() {
    const FusedLayer& layer = s.discriminator.layers[2];
    const int lane = threadIdx.x % 32;
    for (int i = threadIdx.x / 32; i < kTailRows; i += kTileWarps) {
      float z = 0;
      for (int j = lane; j < layer.in; j += 32)
        z += own.d2[i * layer.in + j] * layer.weight.value[j];
      for (int distance = 16; distance > 0; distance /= 2)
        z += __shfl_down_sync(0xffffffffu, z, distance);
      if (lane == 0) judge(i, z + layer.bias.value[0]);
    }
    __syncthreads();
  }

  __device__ __forceinline__ BceTarget<float> against() const {
    return shown == Shown::real ? s.real : shown == Shown::fake ? s.fake : s.fooling;
  }

  __device__ __forceinline__ void judge(int i, float logit) {
    const float p = sigmoid_of(logit);
    own.losses[i] = is_there(i) ? bce_of(logit, against().target) : 0;
    own.p[i] = is_there(i) ? p : 0;
    own.deltas[i] = is_there(i) ? against().weight * (p - against().target) / s.rows : 0;
    if (is_stored(i)) s.scratch.dlogits[in_buffer(i, 1)] = own.deltas[i];
  }

  __device__ __forceinline__ void add_up_losses() {
    const int tiles = tiles_of(s.batch, kTailRows);
    float* const sums =
        s.scratch.row_losses + 2 * (static_cast<int>(shown) * tiles + row / kTailRows);
    float losses = 0, p = 0;
    for (int i = 0; i < kTailRows; ++i) {
      losses += own.losses[i];
      p += own.p[i];
    }
    sums[0] = losses;
    sums[1] = p;
  }

  __device__ __forceinline__ void back_to_second_layer() {
    const FusedLayer& layer = s.discriminator.layers[2];
    for (int e = threadIdx.x; e < kTailRows * layer.in; e += kTileThreads) {
      const int i = e / layer.in, j = e % layer.in;
      own.dd2[e] = backward(1, i, j, own.deltas[i] * layer.weight.value[j], own.d2[e]);
      if (is_stored(i)) s.scratch.dd2[in_buffer(i, layer.in) + j] = own.dd2[e];
    }
    __syncthreads();
  }

  __device__ __forceinline__ void back_to_first_layer() {
    const FusedLayer& layer = s.discriminator.layers[1];
    for (int column = 0; column < layer.in; column += SmallTile::kColumns)
      product_tile<kPrecision, SmallTile>(
          SharedRows{own.dd2, layer.out, layer.out}, inputs_of(layer, column), layer.out, shared,
          [&](int, int i, int c, float sum) {
            const int j = column + c;
            if (j >= layer.in) return;
            const float dx = backward(0, i, j, sum, own.d1[i * layer.in + j]);
            own.dd1[i * layer.in + j] = dx;
            if (is_stored(i)) s.scratch.dd1[in_buffer(i, layer.in) + j] = dx;
          });
  }

  const FusedStep& s;
  const Shown shown;
  const int row;  // of the tile's first
  const TailRows at;
  float* const shared;
  const TailShared own;
};

}  // namespace gan::cuda
