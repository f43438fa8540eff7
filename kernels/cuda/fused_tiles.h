// The other kinds of tiles that the fused step's phases consist of: layers forward and backward,
// D's first product, images, noise.
#pragma once
#include "kernels/cuda/fused_tail.h"
#include "kernels/cuda/fused_update.h"

namespace gan::cuda {

// The tiles of a (rows, columns) matrix, numbered row by row.
template <class Shape>
struct TileGrid {
  int rows, columns;

  __host__ __device__ int count() const {
    return tiles_of(rows, Shape::kRows) * tiles_of(columns, Shape::kColumns);
  }
  __device__ __forceinline__ int row(int tile) const {
    return tile / tiles_of(columns, Shape::kColumns) * Shape::kRows;
  }
  __device__ __forceinline__ int column(int tile) const {
    return tile % tiles_of(columns, Shape::kColumns) * Shape::kColumns;
  }
};

// The pitch of a tile of G's images in shared memory.
inline constexpr int kImagePitch = shared_pitch(LargeTile::kColumns);

// Return the shared memory of a block, in values: that of its products, and all of it, in which
// what the tail or a tile of images needs follows.
__host__ __device__ inline int product_shared(const FusedStep& s) {
  return kTileWarps * s.warp_values;
}
__host__ __device__ inline int fused_shared(const FusedStep& s) {
  const int images = LargeTile::kRows * kImagePitch, tail = tail_shared(s);
  return product_shared(s) + (tail > images ? tail : images);
}

// What a block gives a tile: its shared memory, and the wait for the phase before.
template <class Wait>
struct TilePlace {
  ProductMemory product;
  float* rest;  // what follows the products' memory
  // Returns when all blocks have left the phase before.  Every tile calls it; until it returns, the
  // tile touches nothing that the phase before writes, and writes nothing that the phase before
  // touches.
  const Wait& await_phase_before;
};

// Computes a tile of a layer's output, y = act(x·wᵀ + b).  `ready`: Operands::b if the layer's
// parameters are older than the phase before, Operands::a if x is.
template <class Mode, class Shape, class Tile, class Activation>
__device__ __forceinline__ void forward_tile(const FusedLayer& layer, float* y, const float* x,
                                             int rows, int tile, Operands ready, const Tile& at,
                                             const Activation& activation) {
  const TileGrid<Shape> grid{rows, layer.out};
  const int row = grid.row(tile), column = grid.column(tile);
  const auto a = rows_from<Mode>(x, layer.in, row, rows);
  const auto b = outputs_of<Mode>(layer, column);
  const TileProduct<Mode, Shape, decltype(a), decltype(b)> product(a, b, layer.in, at.product);
  float bias[Shape::kEach];
  product.start(ready, [&] {
    if (ready == Operands::a) at.await_phase_before();
    for_each_result<Shape>([&](int e, int, int j) {
      bias[e] = column + j < layer.out ? layer.bias.value[column + j] : 0;
    });
    if (ready != Operands::a) at.await_phase_before();
  });
  product.finish([&](int e, int i, int j, float sum) {
    if (row + i >= rows || column + j >= layer.out) return;
    y[(row + i) * layer.out + column + j] = for_products<Mode>(activation(sum + bias[e]));
  });
}

// Computes a tile of the gradient before the activation below a layer, dx = gradient(dz·w, y),
// where y is the output of that activation.  The weights and y are older than the phase before.
template <class Mode, class Shape, class Tile, class Gradient>
__device__ __forceinline__ void backward_tile(const FusedLayer& layer, float* dx, const float* dz,
                                              const float* y, int rows, int tile, const Tile& at,
                                              const Gradient& gradient) {
  const TileGrid<Shape> grid{rows, layer.in};
  const int row = grid.row(tile), column = grid.column(tile);
  const auto has = [&](int i, int j) { return row + i < rows && column + j < layer.in; };
  const auto place = [&](int i, int j) { return (row + i) * layer.in + column + j; };
  const auto a = rows_from<Mode>(dz, layer.out, row, rows);
  const auto b = inputs_of<Mode>(layer, column);
  const TileProduct<Mode, Shape, decltype(a), decltype(b)> product(a, b, layer.out, at.product);
  float activations[Shape::kEach];
  product.start(Operands::b, [&] {
    for_each_result<Shape>(
        [&](int e, int i, int j) { activations[e] = has(i, j) ? y[place(i, j)] : 0; });
    at.await_phase_before();
  });
  product.finish([&](int e, int i, int j, float sum) {
    if (has(i, j)) dx[place(i, j)] = for_products<Mode>(gradient(sum, activations[e]));
  });
}

// The tiles of D's first product, each over one split of the pixels and without bias.  The tail
// adds the splits up.
struct SplitTiles {
  TileGrid<SmallTile> grid;
  int splits;

  __host__ __device__ explicit SplitTiles(const FusedStep& s)
      : grid{s.rows, s.discriminator.layers[0].out}, splits(tiles_of(s.pixels(), kSplitDepth)) {}
  __host__ __device__ int count() const { return grid.count() * splits; }
};

// Computes a tile of SplitTiles.  rows(row, pixel, column) returns operand a of the tile at that
// row and column, from that pixel on.
template <class Mode, class Tile, class Rows>
__device__ __forceinline__ void split_tile(const FusedStep& s, int tile, Operands ready,
                                           const Tile& at, const Rows& rows) {
  const SplitTiles tiles(s);
  const FusedLayer& layer = s.discriminator.layers[0];
  const int split = tile / tiles.grid.count(), place = tile % tiles.grid.count();
  const int row = tiles.grid.row(place), column = tiles.grid.column(place);
  const int pixel = split * kSplitDepth, depth = min(kSplitDepth, layer.in - pixel);
  const auto a = rows(row, pixel, column);
  auto b = outputs_of<Mode>(layer, column);
  b.x += pixel;
  float* const out = s.scratch.splits + split * s.batch * layer.out;
  const TileProduct<Mode, SmallTile, decltype(a), decltype(b)> product(a, b, depth, at.product);
  product.start(ready, at.await_phase_before);
  product.finish([&](int, int i, int j, float sum) {
    if (row + i < s.rows && column + j < layer.out) out[(row + i) * layer.out + column + j] = sum;
  });
}

// Computes a split of D's first product: over the pixels of a tile of G(z₁), which lies in shared
// memory.
template <class Mode, class Tile>
__device__ __forceinline__ void image_split(const FusedStep& s, int row, int pixel,
                                            const Tile& at) {
  const FusedLayer& layer = s.discriminator.layers[0];
  const SharedRows a{at.rest, kImagePitch};
  float* const out = s.scratch.fake_splits + pixel / LargeTile::kColumns * s.batch * layer.out;
  for (int column = 0; column < layer.out; column += LargeTile::kColumns) {
    auto b = outputs_of<Mode>(layer, column);
    b.x += pixel;
    const TileProduct<Mode, LargeTile, SharedRows, decltype(b)> product(
        a, b, min(LargeTile::kColumns, s.pixels() - pixel), at.product);
    product.start(Operands::b, [] {});
    product.finish([&](int, int i, int j, float sum) {
      if (row + i < s.rows && column + j < layer.out) out[(row + i) * layer.out + column + j] = sum;
    });
  }
}

// Computes a tile of G(z₁) and G(z₂), and for G(z₁) also D's first product over its pixels.
template <class Mode, class Tile>
__device__ __forceinline__ void image_tile(const FusedStep& s, int tile, const Tile& at) {
  const FusedLayer& last = s.generator.layers[2];
  const TileGrid<LargeTile> grid{2 * s.rows, s.pixels()};
  const int row = grid.row(tile), pixel = grid.column(tile), pixels = s.pixels();
  float* const images = s.scratch.images + s.rows * pixels;
  const auto a = rows_from<Mode>(s.scratch.g2, last.in, row, 2 * s.rows);
  const auto b = outputs_of<Mode>(last, pixel);
  const TileProduct<Mode, LargeTile, decltype(a), decltype(b)> product(a, b, last.in, at.product);
  float bias[LargeTile::kEach];
  product.start(Operands::b, [&] {
    for_each_result<LargeTile>(
        [&](int e, int, int j) { bias[e] = pixel + j < pixels ? last.bias.value[pixel + j] : 0; });
    at.await_phase_before();
  });
  product.finish([&](int e, int i, int j, float sum) {
    const bool there = row + i < 2 * s.rows && pixel + j < pixels;
    const float y = there ? sigmoid_of(sum + bias[e]) : 0, rounded = for_products<Mode>(y);
    at.rest[i * kImagePitch + j] = rounded;
    if (!there) return;
    images[(row + i) * pixels + pixel + j] = rounded;
    if (row + i >= s.rows) s.scratch.slopes[(row + i - s.rows) * pixels + pixel + j] = y * (1 - y);
  });
  if (row < s.rows) image_split<Mode>(s, row, pixel, at);
}

// The tiles of a step's noise, for full batches: the noise of a smaller batch is the first part of
// it.
__host__ __device__ inline int noise_tiles(const FusedStep& s) {
  return tiles_of(2 * s.batch * s.latent_width(), 4 * kTileThreads);
}
__device__ __forceinline__ int noise_place(const FusedStep& s, std::uint64_t step) {
  return static_cast<int>(step % 2) * 2 * s.batch * s.latent_width();
}
// Stores where step number `step` finds its batch.
__device__ __forceinline__ void place_batch(const FusedStep& s, std::uint64_t step) {
  *s.scratch.place = {static_cast<int>(s.data.first_of_batch(step, s.batch)), noise_place(s, step)};
}
template <class Mode>
__device__ __forceinline__ void noise_tile(const FusedStep& s, std::uint64_t step, int tile) {
  const int n = 2 * s.batch * s.latent_width();
  const int block = tile * kTileThreads + static_cast<int>(threadIdx.x);
  if (4 * block >= n) return;
  const uint4 words = philox(s.latent, step, block);
  const NormalPair a = box_muller(words.x, words.y), b = box_muller(words.z, words.w);
  const float values[] = {a.first, a.second, b.first, b.second};
  float* const z = s.scratch.z + noise_place(s, step) + 4 * block;
#pragma unroll
  for (int k = 0; k < 4; ++k)
    if (4 * block + k < n) z[k] = for_products<Mode>(values[k]);
}

}  // namespace gan::cuda
