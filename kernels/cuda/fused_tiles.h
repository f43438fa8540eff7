// Tiles of work that the fused step's phases are made of, but for D's tail and the updates.
#pragma once
#include "kernels/cuda/fused_tail.h"
#include "kernels/cuda/fused_update.h"

namespace gan::cuda {

// The tiles of a (rows, columns) matrix, by rows.
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

// A tile of G's images in shared memory; rows that are 8 more than a multiple of 32 apart meet
// different banks.
inline constexpr int kImagePitch = LargeTile::kColumns + 8;

// Shared memory of a phase, in values: a product's tile, what the tail or a tile of images needs
// behind it, Adam's factors.
__host__ __device__ inline int factors_place(const FusedStep& s) {
  const int images = LargeTile::kRows * kImagePitch, tail = tail_shared(s);
  return kTileShared + (tail > images ? tail : images);
}
__host__ __device__ inline int fused_shared(const FusedStep& s) {
  return factors_place(s) + static_cast<int>(sizeof(AdamFactors) / sizeof(float));
}
__device__ __forceinline__ FusedUpdate update_of(const FusedStep& s, const FusedNetwork& network,
                                                 const Clock* clock, float* shared) {
  return {network.adam, clock, static_cast<float>(clock->ema),
          reinterpret_cast<AdamFactors*>(shared + factors_place(s))};
}

// y = act(x·wᵀ + b), a tile of a layer's output for the rows of x.
template <Precision kPrecision, class Activation>
__device__ __forceinline__ void forward_tile(const FusedLayer& layer, float* y, const float* x,
                                             int rows, int tile, float* shared,
                                             const Activation& activation) {
  const TileGrid<SmallTile> grid{rows, layer.out};
  const int row = grid.row(tile), column = grid.column(tile);
  product_tile<kPrecision, SmallTile>(rows_from(x, layer.in, row, rows), outputs_of(layer, column),
                                      layer.in, shared, [&](int, int i, int j, float sum) {
                                        if (row + i < rows && column + j < layer.out)
                                          y[(row + i) * layer.out + column + j] =
                                              activation(sum + layer.bias.value[column + j]);
                                      });
}

// dx = act'(dz·w), a tile of the gradient in front of a layer: act'(dy, y) passes the activation y
// that lies there.
template <Precision kPrecision, class Gradient>
__device__ __forceinline__ void backward_tile(const FusedLayer& layer, float* dx, const float* dz,
                                              const float* y, int rows, int tile, float* shared,
                                              const Gradient& gradient) {
  const TileGrid<SmallTile> grid{rows, layer.in};
  const int row = grid.row(tile), column = grid.column(tile);
  product_tile<kPrecision, SmallTile>(rows_from(dz, layer.out, row, rows), inputs_of(layer, column),
                                      layer.out, shared, [&](int, int i, int j, float sum) {
                                        if (row + i >= rows || column + j >= layer.in) return;
                                        const int at = (row + i) * layer.in + column + j;
                                        dx[at] = gradient(sum, y[at]);
                                      });
}

// D's first product over one slab of the pixels, without bias; the tail adds the slabs up.
struct SlabTiles {
  TileGrid<SmallTile> grid;
  int slabs;

  __host__ __device__ explicit SlabTiles(const FusedStep& s)
      : grid{s.rows, s.discriminator.layers[0].out}, slabs(tiles_of(s.pixels(), kSlab)) {}
  __host__ __device__ int count() const { return grid.count() * slabs; }
};

// rows(row, pixel, depth) is the operand from there on.
template <Precision kPrecision, class Rows>
__device__ __forceinline__ void slab_tile(const FusedStep& s, int tile, float* shared,
                                          const Rows& rows) {
  const SlabTiles tiles(s);
  const FusedLayer& layer = s.discriminator.layers[0];
  const int slab = tile / tiles.grid.count(), place = tile % tiles.grid.count();
  const int row = tiles.grid.row(place), column = tiles.grid.column(place);
  const int pixel = slab * kSlab, depth = min(kSlab, layer.in - pixel);
  float* const out = s.scratch.slabs + static_cast<std::size_t>(slab) * s.batch * layer.out;
  product_tile<kPrecision, SmallTile>(rows(row, pixel, depth),
                                      outputs_of(layer, column, pixel, depth), depth, shared,
                                      [&](int, int i, int j, float sum) {
                                        if (row + i < s.rows && column + j < layer.out)
                                          out[(row + i) * layer.out + column + j] = sum;
                                      });
}

// A tile of G(z₁) and G(z₂); of G(z₁) also D's first product over these pixels, a slab of its own.
template <Precision kPrecision>
__device__ __forceinline__ void image_tile(const FusedStep& s, int tile, float* shared) {
  const FusedLayer &last = s.generator.layers[2], &first = s.discriminator.layers[0];
  const TileGrid<LargeTile> grid{2 * s.rows, s.pixels()};
  const int row = grid.row(tile), pixel = grid.column(tile), depth = s.pixels() - pixel;
  float* const image = shared + kTileShared;
  product_tile<kPrecision, LargeTile>(
      rows_from(s.scratch.g2, last.in, row, 2 * s.rows), outputs_of(last, pixel), last.in, shared,
      [&](int, int i, int j, float sum) {
        const bool there = row + i < 2 * s.rows && j < depth;
        const float y = there ? sigmoid_of(sum + last.bias.value[pixel + j]) : 0;
        image[i * kImagePitch + j] = y;
        if (there) s.scratch.fake[(row + i) * s.pixels() + pixel + j] = y;
      });
  if (row >= s.rows) return;
  float* const out = s.scratch.fake_slabs +
                     static_cast<std::size_t>(pixel / LargeTile::kColumns) * s.batch * first.out;
  for (int column = 0; column < first.out; column += LargeTile::kColumns)
    product_tile<kPrecision, LargeTile>(SharedRows{image, kImagePitch, LargeTile::kColumns},
                                        outputs_of(first, column, pixel, depth),
                                        LargeTile::kColumns, shared,
                                        [&](int, int i, int j, float sum) {
                                          if (row + i < s.rows && column + j < first.out)
                                            out[(row + i) * first.out + column + j] = sum;
                                        });
}

// The noise of a step, of whole batches: what a smaller batch draws is a part of it.
__host__ __device__ inline int noise_tiles(const FusedStep& s) {
  return tiles_of(2 * s.batch * s.latent_width(), 4 * kTileThreads);
}
__device__ __forceinline__ float* noise_of(const FusedStep& s, std::uint64_t step) {
  return s.scratch.z + step % 2 * 2 * s.batch * s.latent_width();
}
__device__ __forceinline__ void noise_tile(const FusedStep& s, std::uint64_t step, int tile) {
  const int n = 2 * s.batch * s.latent_width();
  const int block = tile * kTileThreads + static_cast<int>(threadIdx.x);
  if (4 * block >= n) return;
  const uint4 words = philox(s.latent, step, block);
  const NormalPair a = box_muller(words.x, words.y), b = box_muller(words.z, words.w);
  const float values[] = {a.first, a.second, b.first, b.second};
  float* const z = noise_of(s, step) + 4 * block;
#pragma unroll
  for (int k = 0; k < 4; ++k)
    if (4 * block + k < n) z[k] = values[k];
}

}  // namespace gan::cuda
