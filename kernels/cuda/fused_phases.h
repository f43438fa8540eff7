// The phases of the fused step.  Every phase is a number of tiles that blocks may take in any order
// and at the same time; between two phases all blocks wait for each other, at a kernel's end or at
// a barrier.
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

// Shared memory of a phase, in values: a product's tile, the tail's own, Adam's factors.
__host__ __device__ inline int fused_shared(const FusedStep& s) {
  return kTileShared + tail_shared(s) + static_cast<int>(sizeof(AdamFactors) / sizeof(float));
}
__device__ __forceinline__ FusedUpdate update_of(const FusedStep& s, const FusedNetwork& network,
                                                 const Clock* clock, float* shared) {
  return {network.adam, clock, s.ema,
          reinterpret_cast<AdamFactors*>(shared + kTileShared + tail_shared(s))};
}

// y = act(x·wᵀ + b), a tile of a layer's output for the rows of x.
template <Precision kPrecision, class Shape, class Activation>
__device__ __forceinline__ void forward_tile(const FusedLayer& layer, float* y, const float* x,
                                             int rows, int tile, float* shared,
                                             const Activation& activation) {
  const TileGrid<Shape> grid{rows, layer.out};
  const int row = grid.row(tile), column = grid.column(tile);
  product_tile<kPrecision, Shape>(rows_from(x, layer.in, row, rows), outputs_of(layer, column),
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

template <Precision kPrecision, class Rows>
__device__ __forceinline__ void slab_tile(const FusedStep& s, int first, int tile, float* shared,
                                          const Rows& rows) {
  const SlabTiles tiles(s);
  const FusedLayer& layer = s.discriminator.layers[0];
  const int slab = tile / tiles.grid.count(), place = tile % tiles.grid.count();
  const int row = tiles.grid.row(place), column = tiles.grid.column(place);
  const int pixel = slab * kSlab, depth = min(kSlab, layer.in - pixel);
  RowsOf weights = outputs_of(layer, column);
  weights.x += pixel;
  weights.depth = depth;
  float* const out = s.scratch.slabs + (std::size_t{2} * slab * s.batch + first) * layer.out;
  product_tile<kPrecision, SmallTile>(rows(row, pixel, depth), weights, depth, shared,
                                      [&](int, int i, int j, float sum) {
                                        if (row + i < s.rows && column + j < layer.out)
                                          out[(row + i) * layer.out + column + j] = sum;
                                      });
}

template <Precision kPrecision>
__device__ __forceinline__ void generated_slab_tile(const FusedStep& s, int first_image, int first,
                                                    int tile, float* shared) {
  const float* const images = s.scratch.fake + static_cast<std::size_t>(first_image) * s.pixels();
  slab_tile<kPrecision>(s, first, tile, shared, [&](int row, int pixel, int depth) {
    return RowsOf{images + row * s.pixels() + pixel, s.pixels(), s.rows - row, depth};
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

// The phases, in their order.  tile() is called for every tile in [0, tiles()).

// G's first hidden layer, and D's first product of the real images, which wait for nothing.
struct FirstHidden {
  __host__ __device__ static int tiles(const FusedStep& s) {
    return grid(s).count() + SlabTiles(s).count();
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, float* shared) {
    const float slope = s.generator.slope;
    if (t < grid(s).count())
      forward_tile<kPrecision, SmallTile>(s.generator.layers[0], s.scratch.g1,
                                          noise_of(s, s.clock->step), 2 * s.rows, t, shared,
                                          [=](float x) { return leaky(x, slope); });
    else
      slab_tile<kPrecision>(s, 0, t - grid(s).count(), shared, [&](int row, int pixel, int depth) {
        return RealRows{RealBatch(s), row, pixel, s.rows - row, depth};
      });
  }
  __host__ __device__ static TileGrid<SmallTile> grid(const FusedStep& s) {
    return {2 * s.rows, s.generator.layers[0].out};
  }
};

struct SecondHidden {
  __host__ __device__ static int tiles(const FusedStep& s) {
    return TileGrid<SmallTile>{2 * s.rows, s.generator.layers[1].out}.count();
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, float* shared) {
    const float slope = s.generator.slope;
    forward_tile<kPrecision, SmallTile>(s.generator.layers[1], s.scratch.g2, s.scratch.g1,
                                        2 * s.rows, t, shared,
                                        [=](float x) { return leaky(x, slope); });
  }
};

// G(z₁) and G(z₂).
struct Generated {
  __host__ __device__ static int tiles(const FusedStep& s) {
    return TileGrid<LargeTile>{2 * s.rows, s.pixels()}.count();
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, float* shared) {
    forward_tile<kPrecision, LargeTile>(s.generator.layers[2], s.scratch.fake, s.scratch.g2,
                                        2 * s.rows, t, shared,
                                        [](float x) { return sigmoid_of(x); });
  }
};

// D's first product of G(z₁).
struct SlabsOfFake {
  __host__ __device__ static int tiles(const FusedStep& s) { return SlabTiles(s).count(); }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, float* shared) {
    generated_slab_tile<kPrecision>(s, 0, s.rows, t, shared);
  }
};

// D's loss on the real images and on G(z₁), and its gradients down to D's first layer.
struct LossOfDiscriminator {
  __host__ __device__ static int tiles(const FusedStep& s) {
    return 2 * tiles_of(s.rows, kTailRows);
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, float* shared) {
    const int each = tiles_of(s.rows, kTailRows);
    Tail<kPrecision>(s, t < each ? Shown::real : Shown::fake, t % each, shared).run();
  }
};

struct UpdateDiscriminator {
  __host__ __device__ static int tiles(const FusedStep& s) {
    int count = 0;
    for (const FusedLayer& layer : s.discriminator.layers)
      count += grid(layer).count() + tiles_of(layer.out, kBiasTile);
    return count;
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, float* shared) {
    const FusedLayer* const d = s.discriminator.layers;
    const FusedScratch& f = s.scratch;
    const FusedUpdate update = update_of(s, s.discriminator, s.clock, shared);
    const int depth = 2 * s.rows;
    if (t < grid(d[0]).count()) {
      const int row = grid(d[0]).row(t), column = grid(d[0]).column(t);
      update_weights<kPrecision, SmallTile>(
          d[0], row, column, columns_from(f.dd1, d[0].out, row, depth),
          SeenPixels{RealBatch(s), f.fake, column, s.pixels() - column, s.rows}, depth, update,
          shared);
      return;
    }
    t -= grid(d[0]).count();
    const float* const deltas[] = {f.dd1, f.dd2, f.dlogits};
    const float* const inputs[] = {nullptr, f.d1, f.d2};
    for (int l = 1; l < kFusedLayers; ++l) {
      const TileGrid<SmallTile> tiles = grid(d[l]);
      if (t >= 0 && t < tiles.count())
        update_weights<kPrecision, SmallTile>(
            d[l], tiles.row(t), tiles.column(t),
            columns_from(deltas[l], d[l].out, tiles.row(t), depth),
            columns_from(inputs[l], d[l].in, tiles.column(t), depth), depth, update, shared);
      t -= tiles.count();
    }
    for (int l = 0; l < kFusedLayers; ++l) {
      const int tiles = tiles_of(d[l].out, kBiasTile);
      if (t >= 0 && t < tiles) update_biases(d[l], t * kBiasTile, deltas[l], depth, update, shared);
      t -= tiles;
    }
  }
  __host__ __device__ static TileGrid<SmallTile> grid(const FusedLayer& layer) {
    return {layer.out, layer.in};
  }
};

// D's first product of G(z₂), by D as it is now.
struct SlabsOfFooling {
  __host__ __device__ static int tiles(const FusedStep& s) { return SlabTiles(s).count(); }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, float* shared) {
    generated_slab_tile<kPrecision>(s, s.rows, 0, t, shared);
  }
};

// G's loss and its gradients down to D's first layer; beside it, the next step's noise and clock.
struct LossOfGenerator {
  __host__ __device__ static int tiles(const FusedStep& s) {
    return tiles_of(s.rows, kTailRows) + noise_tiles(s) + 1;
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, float* shared) {
    const int tails = tiles_of(s.rows, kTailRows);
    if (t < tails) {
      Tail<kPrecision>(s, Shown::fooling, t, shared).run();
    } else if (t < tails + noise_tiles(s)) {
      noise_tile(s, s.clock->step + 1, t - tails);
    } else if (threadIdx.x == 0) {
      *s.scratch.late = *s.clock;
      *s.scratch.next = clock_at(s.clock->step + 1, s.clock_settings);
    }
  }
};

// From here on nothing reads the step's clock but its copy: its last phase sets it.

// The gradient of G's images before the sigmoid.
struct ImageDeltas {
  __host__ __device__ static int tiles(const FusedStep& s) {
    return TileGrid<SmallTile>{s.rows, s.pixels()}.count();
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, float* shared) {
    const float* const fooling = s.scratch.fake + static_cast<std::size_t>(s.rows) * s.pixels();
    backward_tile<kPrecision>(s.discriminator.layers[0], s.scratch.dfake, s.scratch.dd1, fooling,
                              s.rows, t, shared,
                              [](float dy, float y) { return dy * y * (1 - y); });
  }
};

// The gradient before G's second activation.
struct SecondDeltas {
  __host__ __device__ static int tiles(const FusedStep& s) {
    return TileGrid<SmallTile>{s.rows, s.generator.layers[2].in}.count();
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, float* shared) {
    const FusedLayer& layer = s.generator.layers[2];
    const float slope = s.generator.slope;
    backward_tile<kPrecision>(layer, s.scratch.dg2, s.scratch.dfake,
                              s.scratch.g2 + s.rows * layer.in, s.rows, t, shared,
                              [=](float dy, float y) { return y > 0 ? dy : slope * dy; });
  }
};

// The gradient before G's first activation; beside it, the update of G's last layer, which nothing
// reads any more.
struct FirstDeltas {
  __host__ __device__ static int tiles(const FusedStep& s) {
    const FusedLayer& last = s.generator.layers[2];
    return deltas(s).count() + weights(s).count() + tiles_of(last.out, kBiasTile);
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, float* shared) {
    const FusedLayer &layer = s.generator.layers[1], &last = s.generator.layers[2];
    const FusedScratch& f = s.scratch;
    const FusedUpdate update = update_of(s, s.generator, f.late, shared);
    const float slope = s.generator.slope;
    if (t < deltas(s).count()) {
      backward_tile<kPrecision>(layer, f.dg1, f.dg2, f.g1 + s.rows * layer.in, s.rows, t, shared,
                                [=](float dy, float y) { return y > 0 ? dy : slope * dy; });
      return;
    }
    t -= deltas(s).count();
    if (t < weights(s).count()) {
      const int row = weights(s).row(t), column = weights(s).column(t);
      update_weights<kPrecision, LargeTile>(
          last, row, column, columns_from(f.dfake, last.out, row, s.rows),
          columns_from(f.g2 + s.rows * last.in, last.in, column, s.rows), s.rows, update, shared);
      return;
    }
    update_biases(last, (t - weights(s).count()) * kBiasTile, f.dfake, s.rows, update, shared);
  }
  __host__ __device__ static TileGrid<SmallTile> deltas(const FusedStep& s) {
    return {s.rows, s.generator.layers[1].in};
  }
  __host__ __device__ static TileGrid<LargeTile> weights(const FusedStep& s) {
    return {s.generator.layers[2].out, s.generator.layers[2].in};
  }
};

// The record of the step, and the clock's next.
__device__ __forceinline__ void finish_fused_step(const FusedStep& s) {
  const int tiles = tiles_of(s.batch, kTailRows);
  float means[3][2] = {};
  for (int shown = 0; shown < 3; ++shown)
    for (int t = 0; t < tiles_of(s.rows, kTailRows); ++t)
      for (int k = 0; k < 2; ++k)
        means[shown][k] += s.scratch.row_losses[2 * (shown * tiles + t) + k];
  const float n = static_cast<float>(s.rows);
  StepLosses<float> losses{};
  losses.loss_real = s.real.weight * means[0][0] / n;
  losses.d_real = means[0][1] / n;
  losses.loss_fake = s.fake.weight * means[1][0] / n;
  losses.d_fake = means[1][1] / n;
  losses.loss_g = s.fooling.weight * means[2][0] / n;
  losses.d_g = means[2][1] / n;
  s.ring[s.scratch.late->step % s.ring_size] = losses;
  *s.clock = *s.scratch.next;
}

// The update of G's other layers, and the end of the step.
struct UpdateGenerator {
  __host__ __device__ static int tiles(const FusedStep& s) {
    const FusedLayer* const g = s.generator.layers;
    int count = 1;
    for (int l = 0; l < 2; ++l)
      count += UpdateDiscriminator::grid(g[l]).count() + tiles_of(g[l].out, kBiasTile);
    return count;
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, float* shared) {
    if (t == 0) {
      if (threadIdx.x == 0) finish_fused_step(s);
      return;
    }
    --t;
    const FusedLayer* const g = s.generator.layers;
    const FusedScratch& f = s.scratch;
    const FusedUpdate update = update_of(s, s.generator, f.late, shared);
    const float* const deltas[] = {f.dg1, f.dg2};
    const float* const inputs[] = {noise_of(s, f.late->step) + s.rows * g[0].in,
                                   f.g1 + s.rows * g[1].in};
    for (int l = 1; l >= 0; --l) {
      const TileGrid<SmallTile> tiles = UpdateDiscriminator::grid(g[l]);
      if (t >= 0 && t < tiles.count())
        update_weights<kPrecision, SmallTile>(
            g[l], tiles.row(t), tiles.column(t),
            columns_from(deltas[l], g[l].out, tiles.row(t), s.rows),
            columns_from(inputs[l], g[l].in, tiles.column(t), s.rows), s.rows, update, shared);
      t -= tiles.count();
      if (t >= 0 && t < tiles_of(g[l].out, kBiasTile))
        update_biases(g[l], t * kBiasTile, deltas[l], s.rows, update, shared);
      t -= tiles_of(g[l].out, kBiasTile);
    }
  }
};

template <class... Phase>
struct PhaseList {};
using FusedPhases =
    PhaseList<FirstHidden, SecondHidden, Generated, SlabsOfFake, LossOfDiscriminator,
              UpdateDiscriminator, SlabsOfFooling, LossOfGenerator, ImageDeltas, SecondDeltas,
              FirstDeltas, UpdateGenerator>;

template <Precision kPrecision, class Phase>
__device__ __forceinline__ void run_phase(const FusedStep& s) {
  float* const shared = dynamic_shared<float>();
  for (int t = blockIdx.x; t < Phase::tiles(s); t += gridDim.x)
    Phase::template tile<kPrecision>(s, t, shared);
}

}  // namespace gan::cuda
