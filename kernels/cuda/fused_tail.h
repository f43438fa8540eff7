// The discriminator after its first product, for 16 rows at a time: forward to the logits, the
// loss, and back to the first hidden layer.
#pragma once
#include "kernels/cuda/activations.h"
#include "kernels/cuda/bce.h"
#include "kernels/cuda/fused_operands.h"
#include "kernels/cuda/philox.h"
#include "kernels/cuda/rounding.h"

namespace gan::cuda {

using TailTile = WideTile;
inline constexpr int kTailRows = TailTile::kRows;
inline constexpr int kSplitDepth = 200;  // pixels in one part of D's first product

// Which of a step's three batches of images a tail evaluates.
enum class ImageKind { real, fake, for_generator };

// first: the batch's first row in D's scratch.  place: its first row in [real; fake;
// for_generator], which numbers the words of dropout.
struct TailRows {
  int first, place;
};
__device__ __forceinline__ TailRows rows_of(const FusedStep& s, ImageKind kind) {
  const int n = s.rows;
  if (kind == ImageKind::real) return {0, 0};
  if (kind == ImageKind::fake) return {n, n};
  return {0, 2 * n};
}

// Returns the factor, 0 or 1/(1 - rate), by which dropout multiplies value number `word` of the
// step. Not inlined: it is long, and dropout is rare.
static __device__ __attribute__((noinline)) float drawn_dropout_factor(RandomSource source,
                                                                       std::uint64_t step,
                                                                       std::size_t word,
                                                                       float rate) {
  const uint4 drawn = philox(source, step, word / 4);
  const std::uint32_t words[] = {drawn.x, drawn.y, drawn.z, drawn.w};
  std::uint32_t mine = words[0];
#pragma unroll
  for (int k = 1; k < 4; ++k)
    if (word % 4 == k) mine = words[k];
  return is_kept(mine, rate) ? 1 / (1 - rate) : 0;
}
__device__ __forceinline__ float dropout_factor(const FusedStep& s, std::size_t word) {
  if (s.dropout_rate == 0) return 1;
  return drawn_dropout_factor(s.dropout, s.clock->step, word, s.dropout_rate);
}

// The tail's shared memory, which follows that of the products.
struct TailShared {
  float *d1, *d2, *dd1, *dd2;      // (16, width), shared_pitch(width) apart
  float *bias1, *bias2, *weight3;  // of D's layers
  float *losses, *p, *deltas;      // (16)

  __device__ __forceinline__ TailShared(const FusedStep& s, float* shared) {
    const int width1 = s.discriminator.layers[0].out, width2 = s.discriminator.layers[1].out;
    const int size1 = kTailRows * shared_pitch(width1), size2 = kTailRows * shared_pitch(width2);
    d1 = shared;
    d2 = d1 + size1;
    dd1 = d2 + size2;
    dd2 = dd1 + size1;
    bias1 = dd2 + size2;
    bias2 = bias1 + width1;
    weight3 = bias2 + width2;
    losses = weight3 + width2;
    p = losses + kTailRows;
    deltas = p + kTailRows;
  }
};
__host__ __device__ inline int tail_shared(const FusedStep& s) {
  const int width1 = s.discriminator.layers[0].out, width2 = s.discriminator.layers[1].out;
  return kTailRows * (2 * shared_pitch(width1) + 2 * shared_pitch(width2) + 3) + width1 +
         2 * width2;
}

// Whether a block records the losses of its rows.  Of several blocks with the same rows, one does.
enum class Losses { recorded, dropped };

template <class Mode>
class Tail {
 public:
  // `memory` is for the products; `shared`, of tail_shared() values, is the tail's own.
  __device__ __forceinline__ Tail(const FusedStep& step, ImageKind images, int tile,
                                  ProductMemory memory, float* shared)
      : s(step),
        kind(images),
        row(tile * kTailRows),
        at(rows_of(step, images)),
        product_memory(memory),
        own(step, shared) {}

  // Leaves in the scratch what D's update needs, and the losses if `losses` asks for them.  It
  // starts to load the weights, then calls wait(), which returns when the parts of the first
  // product are there.
  template <class Wait>
  __device__ __forceinline__ void run(Losses losses, const Wait& wait) {
    const FusedLayer& layer = s.discriminator.layers[1];
    const SharedRows x{own.d1, shared_pitch(layer.in)}, dy{own.dd2, shared_pitch(layer.out)};
    const auto forward = [&](int output) {
      return product_of(x, outputs_of<Mode>(layer, output), layer.in);
    };
    const auto back = [&](int input) {
      return product_of(dy, inputs_of<Mode>(layer, input), layer.out);
    };

    auto to_logits = forward(0);
    to_logits.start(Operands::b, [&] {
      copy_parameters();
      wait();
    });
    __syncthreads();
    first_layer();
    for (int output = 0; output < layer.out; output += TailTile::kColumns) {
      if (output > 0) (to_logits = forward(output)).start(Operands::b, [] {});
      second_layer(to_logits, output);
    }
    auto to_images = back(0);
    to_images.start(Operands::b, [] {});
    logits();
    back_to_second_layer();
    for (int input = 0; input < layer.in; input += TailTile::kColumns) {
      if (input > 0) (to_images = back(input)).start(Operands::b, [] {});
      back_to_first_layer(to_images, input);
    }
    if (losses == Losses::recorded && threadIdx.x == 0) add_up_losses();
  }
  // Returns the gradient before D's first activation, in shared memory.
  __device__ __forceinline__ SharedRows gradient() const {
    return {own.dd1, shared_pitch(s.discriminator.layers[0].out)};
  }

 private:
  template <class B>
  using Product = TileProduct<Mode, TailTile, SharedRows, B>;
  template <class B>
  __device__ __forceinline__ Product<B> product_of(const SharedRows& a, const B& b,
                                                   int depth) const {
    return {a, b, depth, product_memory};
  }

  // Rows past the last are computed as zeros.
  __device__ __forceinline__ bool is_there(int i) const { return row + i < s.rows; }
  __device__ __forceinline__ bool is_stored(int i) const {
    return is_there(i) && kind != ImageKind::for_generator;
  }
  __device__ __forceinline__ int in_buffer(int i, int width) const {
    return (at.first + row + i) * width;
  }

  // Returns the dropout factor of value j of row i after hidden layer l.
  __device__ __forceinline__ float dropped(int l, int i, int j) const {
    const FusedLayer* const d = s.discriminator.layers;
    const std::size_t before = l == 0 ? 0 : std::size_t{3} * s.batch * d[0].out;
    return dropout_factor(s, before + std::size_t(at.place + row + i) * d[l].out + j);
  }

  __device__ __forceinline__ float activated(int l, int i, int j, float sum) const {
    const float x = sum + (l == 0 ? own.bias1 : own.bias2)[j];
    return is_there(i) ? for_products<Mode>(dropped(l, i, j) * leaky(x, s.discriminator.slope)) : 0;
  }
  // Returns the gradient before an activation, from that after it and from y, the layer's output.
  __device__ __forceinline__ float before_activation(int l, int i, int j, float dy, float y) const {
    const float dx = dropped(l, i, j) * dy;
    return for_products<Mode>(y > 0 ? dx : s.discriminator.slope * dx);
  }

  __device__ __forceinline__ void copy_parameters() {
    const FusedLayer* const d = s.discriminator.layers;
    for (int j = threadIdx.x; j < d[0].out; j += kTileThreads) own.bias1[j] = d[0].bias.value[j];
    for (int j = threadIdx.x; j < d[1].out; j += kTileThreads) {
      own.bias2[j] = d[1].bias.value[j];
      own.weight3[j] = d[2].weight.value[j];
    }
  }

  // Sixteen threads work on a row.
  static constexpr int kRowThreads = kTileThreads / kTailRows;
  __device__ __forceinline__ static int own_row() { return threadIdx.x / kRowThreads; }
  __device__ __forceinline__ static int place_in_row() { return threadIdx.x % kRowThreads; }

  // Calls visit(i, j) for the running thread's part of a (16, width) matrix: for four adjacent
  // values of row i from column j on, up to the next multiple of 8 columns.
  template <class Visit>
  __device__ __forceinline__ void for_each_four(int width, const Visit& visit) const {
    for (int j = 4 * place_in_row(); j < rounded_up(width, 8); j += 4 * kRowThreads)
      visit(own_row(), j);
  }

  // Returns four values of row i of a (rows, width) matrix, from column j on; zeros past its end.
  __device__ __forceinline__ Four four_of(const float* x, int i, int j, int width) const {
    Four four{};
    if (!is_there(i)) return four;
    const float* const place = x + (row + i) * width + j;
    if constexpr (Mode::kVector == 4) {
      if (j < width) four = four_at(place);
    } else {
#pragma unroll
      for (int c = 0; c < 4; ++c)
        if (j + c < width) four.value[c] = place[c];
    }
    return four;
  }

  // Adds the parts of the first product in their order, with eight loads in flight at a time.
  __device__ __forceinline__ void first_layer() {
    constexpr int kAtOnce = 8;
    const int width = s.discriminator.layers[0].out;
    const bool fake = kind == ImageKind::fake;
    const int splits = tiles_of(s.pixels(), fake ? LargeTile::kColumns : kSplitDepth);
    const float* const first = fake ? s.scratch.fake_splits : s.scratch.splits;
    const int split = s.batch * width;
    for_each_four(width, [&](int i, int j) {
      Four sum{};
      for (int begin = 0; begin < splits; begin += kAtOnce) {
        Four parts[kAtOnce] = {};
#pragma unroll
        for (int k = 0; k < kAtOnce; ++k)
          if (begin + k < splits) parts[k] = four_of(first + (begin + k) * split, i, j, width);
#pragma unroll
        for (int k = 0; k < kAtOnce; ++k)
#pragma unroll
          for (int c = 0; c < 4; ++c) sum.value[c] += parts[k].value[c];
      }
#pragma unroll
      for (int c = 0; c < 4; ++c) {
        const float y = j + c < width ? activated(0, i, j + c, sum.value[c]) : 0;
        own.d1[i * shared_pitch(width) + j + c] = y;
        if (j + c < width && is_stored(i)) s.scratch.d1[in_buffer(i, width) + j + c] = y;
      }
    });
    __syncthreads();
  }

  template <class P>
  __device__ __forceinline__ void second_layer(const P& product, int output) {
    const FusedLayer& layer = s.discriminator.layers[1];
    product.finish([&](int, int i, int c, float sum) {
      const int j = output + c;
      if (j >= rounded_up(layer.out, 8)) return;
      const float y = j < layer.out ? activated(1, i, j, sum) : 0;
      own.d2[i * shared_pitch(layer.out) + j] = y;
      if (j < layer.out && is_stored(i)) s.scratch.d2[in_buffer(i, layer.out) + j] = y;
    });
  }

  __device__ __forceinline__ void logits() {
    const FusedLayer& layer = s.discriminator.layers[2];
    const float bias = layer.bias.value[0];
    const int i = own_row();
    float z = 0;
    for (int j = place_in_row(); j < layer.in; j += kRowThreads)
      z += own.d2[i * shared_pitch(layer.in) + j] * own.weight3[j];
#pragma unroll
    for (int distance = kRowThreads / 2; distance > 0; distance /= 2)
      z += __shfl_down_sync(0xffffffffu, z, distance, kRowThreads);
    if (place_in_row() == 0) evaluate(i, z + bias);
    __syncthreads();
  }

  __device__ __forceinline__ BceTarget<float> against() const {
    return kind == ImageKind::real ? s.real : kind == ImageKind::fake ? s.fake : s.for_generator;
  }

  __device__ __forceinline__ void evaluate(int i, float logit) {
    const float p = sigmoid_of(logit);
    own.losses[i] = is_there(i) ? bce_of(logit, against().target) : 0;
    own.p[i] = is_there(i) ? p : 0;
    own.deltas[i] = is_there(i) ? against().weight * (p - against().target) / s.rows : 0;
    if (is_stored(i)) s.scratch.dlogits[in_buffer(i, 1)] = own.deltas[i];
  }

  __device__ __forceinline__ void add_up_losses() {
    const int tiles = tiles_of(s.batch, kTailRows);
    float* const sums =
        s.scratch.row_losses + 2 * (static_cast<int>(kind) * tiles + row / kTailRows);
    float losses = 0, p = 0;
    for (int i = 0; i < kTailRows; ++i) {
      losses += own.losses[i];
      p += own.p[i];
    }
    sums[0] = losses;
    sums[1] = p;
  }

  __device__ __forceinline__ void back_to_second_layer() {
    const int width = s.discriminator.layers[2].in;
    for_each_four(width, [&](int i, int j) {
#pragma unroll
      for (int c = 0; c < 4; ++c) {
        const int place = i * shared_pitch(width) + j + c;
        float dx = 0;
        if (j + c < width) {
          dx = before_activation(1, i, j + c, own.deltas[i] * own.weight3[j + c], own.d2[place]);
          if (is_stored(i)) s.scratch.dd2[in_buffer(i, width) + j + c] = dx;
        }
        own.dd2[place] = dx;
      }
    });
    __syncthreads();
  }

  template <class P>
  __device__ __forceinline__ void back_to_first_layer(const P& product, int input) {
    const FusedLayer& layer = s.discriminator.layers[1];
    product.finish([&](int, int i, int c, float sum) {
      const int j = input + c, place = i * shared_pitch(layer.in) + j;
      if (j >= rounded_up(layer.in, 8)) return;
      const float dx = j < layer.in ? before_activation(0, i, j, sum, own.d1[place]) : 0;
      own.dd1[place] = dx;
      if (j < layer.in && is_stored(i)) s.scratch.dd1[in_buffer(i, layer.in) + j] = dx;
    });
  }

  const FusedStep& s;
  const ImageKind kind;
  const int row;  // the first of the tile
  const TailRows at;
  const ProductMemory product_memory;
  const TailShared own;
};

}  // namespace gan::cuda
