// The phases of the fused step.  A phase is a number of tiles that blocks may take in any order and
// at the same time.  Between two phases all blocks wait for each other, at a kernel's end or at a
// barrier.  For the published networks at a batch of 128 no phase has more than 132 tiles, one for
// each multiprocessor of an H100 or H200.
#pragma once
#include "kernels/cuda/fused_tiles.h"

namespace gan::cuda {

// The updates of the weights of layers [kFirst, kLast), as a part of a phase.
template <class Shape, int kFirst, int kLast>
struct WeightUpdates {
  __host__ __device__ static TileGrid<Shape> grid(const FusedLayer& layer) {
    return {layer.out, layer.in};
  }
  __host__ __device__ static int tiles(const FusedNetwork& network) {
    int count = 0;
    for (int l = kFirst; l < kLast; ++l) count += grid(network.layers[l]).count();
    return count;
  }
  // Calls use(l, tile) for tile number t, or nothing if there is no such tile.
  template <class Use>
  __device__ __forceinline__ static void visit(const FusedNetwork& network, int t, const Use& use) {
#pragma unroll 1
    for (int l = kFirst; l < kLast; ++l) {
      const TileGrid<Shape> tiles = grid(network.layers[l]);
      if (t >= 0 && t < tiles.count())
        use(l, WeightTile<Shape>{network.layers[l], tiles.row(t), tiles.column(t)});
      t -= tiles.count();
    }
  }
};

// The phases, in their order.  tile() is called for every tile in [0, tiles()).  kWarpValues:
// floats of shared memory that the products ask for, for each warp (tile_product.h).  kSums: the
// most sums that a lane holds.

// G's first hidden layer; D's first product of the real images; and the factors of Adam in this
// step.
struct FirstHidden {
  static constexpr int kWarpValues = kWarpShared<MediumTile, 2>;
  static constexpr int kSums = MediumTile::kSums;
  __host__ __device__ static int tiles(const FusedStep& s) {
    return grid(s).count() + SplitTiles(s).count() + 1;
  }
  template <class Mode, class Tile>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, const Tile& at) {
    const float slope = s.generator.slope;
    const BatchPlace batch = *s.scratch.place;
    const int hidden = grid(s).count(), splits = SplitTiles(s).count();
    if (t < hidden)
      forward_tile<Mode, MediumTile>(s.generator.layers[0], s.scratch.g1, s.scratch.z + batch.noise,
                                     2 * s.rows, t, Operands::a, at,
                                     [=](float x) { return leaky(x, slope); });
    else if (t < hidden + splits)
      split_tile<Mode>(s, t - hidden, Operands::both, at, [&](int row, int pixel, int column) {
        return RealRows<Mode>{s.data.images + pixel, s.data.order + batch.first + row,
                              column == 0 ? s.scratch.images + row * s.pixels() + pixel : nullptr,
                              s.pixels(), s.rows - row};
      });
    else
      find_adam_factors(s, at);
  }

 private:
  __host__ __device__ static TileGrid<MediumTile> grid(const FusedStep& s) {
    return {2 * s.rows, s.generator.layers[0].out};
  }
  template <class Tile>
  __device__ __forceinline__ static void find_adam_factors(const FusedStep& s, const Tile& at) {
    at.await_phase_before();
    if (threadIdx.x > 1) return;
    const AdamSettings& settings = threadIdx.x == 0 ? s.generator.adam : s.discriminator.adam;
    s.scratch.adam[threadIdx.x] = in_step(adam_factors(settings), settings.rate, s.clock);
  }
};

// G's second hidden layer.
struct SecondHidden {
  static constexpr int kWarpValues = kWarpShared<SmallTile, 2>;
  static constexpr int kSums = SmallTile::kSums;
  __host__ __device__ static int tiles(const FusedStep& s) {
    return TileGrid<SmallTile>{2 * s.rows, s.generator.layers[1].out}.count();
  }
  template <class Mode, class Tile>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, const Tile& at) {
    const float slope = s.generator.slope;
    forward_tile<Mode, SmallTile>(s.generator.layers[1], s.scratch.g2, s.scratch.g1, 2 * s.rows, t,
                                  Operands::b, at, [=](float x) { return leaky(x, slope); });
  }
};

// G(z₁) and G(z₂), and D's first product of G(z₁); beside them, D's loss on the real images and its
// gradients down to D's first layer.
struct Generated {
  static constexpr int kWarpValues = kWarpShared<LargeTile, 2>;
  static constexpr int kSums = LargeTile::kSums;
  __host__ __device__ static int tiles(const FusedStep& s) {
    return tiles_of(s.rows, kTailRows) + TileGrid<LargeTile>{2 * s.rows, s.pixels()}.count();
  }
  template <class Mode, class Tile>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, const Tile& at) {
    const int tails = tiles_of(s.rows, kTailRows);
    if (t >= tails) return image_tile<Mode>(s, t - tails, at);
    // This tail reads only what is older than the phase before, and writes nothing that the phase
    // before touches, so it waits at its end.
    Tail<Mode>(s, ImageKind::real, t, at.product, at.rest).run(Losses::recorded, [] {});
    at.await_phase_before();
  }
};

// D's loss on G(z₁), and its gradients down to D's first layer.
struct LossOfDiscriminator {
  static constexpr int kWarpValues = kWarpShared<TailTile>;
  static constexpr int kSums = TailTile::kSums;
  __host__ __device__ static int tiles(const FusedStep& s) { return tiles_of(s.rows, kTailRows); }
  template <class Mode, class Tile>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, const Tile& at) {
    Tail<Mode>(s, ImageKind::fake, t, at.product, at.rest)
        .run(Losses::recorded, at.await_phase_before);
  }
};

// The updates of all of D's parameters.
struct UpdateDiscriminator {
  static constexpr int kWarpValues = kWarpShared<SmallTile, 2>;
  static constexpr int kSums = SmallTile::kSums;
  static constexpr int kColumns = 32;  // of a tile of update_columns()
  using Updates = WeightUpdates<SmallTile, 0, 2>;

  __host__ __device__ static int tiles(const FusedStep& s) {
    int count = Updates::tiles(s.discriminator);
    for (const FusedLayer& layer : s.discriminator.layers) count += tiles_of(layer.out, kColumns);
    return count + tiles_of(s.discriminator.layers[2].in, kColumns);
  }
  template <class Mode, class Tile>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, const Tile& at) {
    const FusedScratch& f = s.scratch;
    const FusedLayer* const d = s.discriminator.layers;
    const FusedUpdate update{f.adam + 1, s.clock};
    const int depth = 2 * s.rows;
    Updates::visit(s.discriminator, t, [&](int l, const WeightTile<SmallTile>& tile) {
      update_weights<Mode>(tile, l == 0 ? f.dd1 : f.dd2, l == 0 ? f.images : f.d1, depth, update,
                           l == 0 ? Operands::b : Operands::none, at);
    });
    if (t < Updates::tiles(s.discriminator)) return;
    at.await_phase_before();
    // The last layer's weights are one row.
    const ColumnSums columns[]{{d[0].bias, f.dd1, nullptr, d[0].out},
                               {d[1].bias, f.dd2, nullptr, d[1].out},
                               {d[2].bias, f.dlogits, nullptr, d[2].out},
                               {d[2].weight, f.d2, f.dlogits, d[2].in}};
    update_columns<kColumns>(columns, t - Updates::tiles(s.discriminator), depth, update,
                             at.product.shared);
  }
};

// D's first product of G(z₂), by the updated D.
struct SplitsForGenerator {
  static constexpr int kWarpValues = kWarpShared<SmallTile, 2>;
  static constexpr int kSums = SmallTile::kSums;
  __host__ __device__ static int tiles(const FusedStep& s) { return SplitTiles(s).count(); }
  template <class Mode, class Tile>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, const Tile& at) {
    const float* const images = s.scratch.images + 2 * s.rows * s.pixels();
    split_tile<Mode>(s, t, Operands::a, at, [&](int row, int pixel, int) {
      return RowsOf<Mode::kVector>{images + row * s.pixels() + pixel, s.pixels(), s.rows - row};
    });
  }
};

// G's loss, and its gradient down to G's images before the sigmoid.  All blocks of a row of tiles
// compute D's tail for it, which costs less than a phase of its own.  Beside it, the next step's
// noise, clock and batch.
struct ImageDeltas {
  static constexpr int kWarpValues = kWarpShared<TailTile>;
  static constexpr int kSums = TailTile::kSums;
  __host__ __device__ static int tiles(const FusedStep& s) {
    return grid(s).count() + noise_tiles(s) + 1;
  }
  template <class Mode, class Tile>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, const Tile& at) {
    const int images = grid(s).count();
    if (t < images) return deltas<Mode>(s, grid(s).row(t), grid(s).column(t), at);
    at.await_phase_before();
    if (t < images + noise_tiles(s)) {
      noise_tile<Mode>(s, s.clock->step + 1, t - images);
    } else if (threadIdx.x == 0) {
      *s.scratch.late = *s.clock;
      *s.scratch.next = clock_at(s.clock->step + 1, s.clock_settings);
    } else if (threadIdx.x == 32) {
      place_batch(s, s.clock->step + 1);
    }
  }

 private:
  __host__ __device__ static TileGrid<TailTile> grid(const FusedStep& s) {
    return {s.rows, s.pixels()};
  }
  template <class Mode, class Tile>
  __device__ __forceinline__ static void deltas(const FusedStep& s, int row, int pixel,
                                                const Tile& at) {
    Tail<Mode> tail(s, ImageKind::for_generator, row / kTailRows, at.product, at.rest);
    tail.run(pixel == 0 ? Losses::recorded : Losses::dropped, at.await_phase_before);
    const FusedLayer& layer = s.discriminator.layers[0];
    const auto has = [&](int i, int j) { return row + i < s.rows && pixel + j < s.pixels(); };
    const auto place = [&](int i, int j) { return (row + i) * s.pixels() + pixel + j; };
    const auto b = inputs_of<Mode>(layer, pixel);
    const TileProduct<Mode, TailTile, SharedRows, decltype(b)> product(tail.gradient(), b,
                                                                       layer.out, at.product);
    float slopes[TailTile::kEach];
    product.start(Operands::b, [&] {
      for_each_result<TailTile>(
          [&](int e, int i, int j) { slopes[e] = has(i, j) ? s.scratch.slopes[place(i, j)] : 0; });
    });
    product.finish([&](int e, int i, int j, float dy) {
      if (has(i, j)) s.scratch.dfake[place(i, j)] = for_products<Mode>(dy * slopes[e]);
    });
  }
};

// The phases from here on read scratch.late instead of the clock: UpdateGenerator sets the clock
// while its other tiles still need the old one.

// The gradient before G's second activation.
struct SecondDeltas {
  static constexpr int kWarpValues = kWarpShared<SmallTile, 4>;
  static constexpr int kSums = SmallTile::kSums;
  __host__ __device__ static int tiles(const FusedStep& s) {
    return TileGrid<SmallTile>{s.rows, s.generator.layers[2].in}.count();
  }
  template <class Mode, class Tile>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, const Tile& at) {
    const FusedLayer& layer = s.generator.layers[2];
    const float slope = s.generator.slope;
    backward_tile<Mode, SmallTile>(layer, s.scratch.dg2, s.scratch.dfake,
                                   s.scratch.g2 + s.rows * layer.in, s.rows, t, at,
                                   [=](float dy, float y) { return y > 0 ? dy : slope * dy; });
  }
};

// The gradient before G's first activation; beside it, the update of G's last weights, which
// nothing reads any more.
struct FirstDeltas {
  static constexpr int kWarpValues = kWarpShared<MediumTile, 2>;
  static constexpr int kSums = LargeTile::kSums;
  using Updates = WeightUpdates<LargeTile, 2, kFusedLayers>;
  __host__ __device__ static int first_update(const FusedStep& s) {
    return TileGrid<MediumTile>{s.rows, s.generator.layers[1].in}.count();
  }

  __host__ __device__ static int tiles(const FusedStep& s) {
    return first_update(s) + Updates::tiles(s.generator);
  }
  template <class Mode, class Tile>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, const Tile& at) {
    const FusedScratch& f = s.scratch;
    if (t < first_update(s)) {
      const FusedLayer& layer = s.generator.layers[1];
      const float slope = s.generator.slope;
      backward_tile<Mode, MediumTile>(layer, f.dg1, f.dg2, f.g1 + s.rows * layer.in, s.rows, t, at,
                                      [=](float dy, float y) { return y > 0 ? dy : slope * dy; });
    }
    Updates::visit(s.generator, t - first_update(s), [&](int, const WeightTile<LargeTile>& tile) {
      update_weights<Mode>(tile, f.dfake, f.g2 + s.rows * tile.layer.in, s.rows, {f.adam, f.late},
                           Operands::both, at);
    });
  }
};

// Records the step's losses, and sets the clock for the next step.  One warp calls it.
__device__ __forceinline__ void finish_fused_step(const FusedStep& s) {
  constexpr int kMeans = 6;  // of the loss and of p, for each of three kinds of images
  const int tiles = tiles_of(s.batch, kTailRows), lane = threadIdx.x;
  float mean = 0;
  if (lane < kMeans)
    for (int t = 0; t < tiles_of(s.rows, kTailRows); ++t)
      mean += s.scratch.row_losses[2 * (lane / 2 * tiles + t) + lane % 2];
  mean /= static_cast<float>(s.rows);
  float means[kMeans];
#pragma unroll
  for (int k = 0; k < kMeans; ++k) means[k] = __shfl_sync(0xffffffffu, mean, k);
  if (lane > 0) return;
  s.ring[s.scratch.late->step % s.ring_size] = {s.real.weight * means[0],
                                                means[1],
                                                s.fake.weight * means[2],
                                                means[3],
                                                s.for_generator.weight * means[4],
                                                means[5],
                                                0};
  *s.clock = *s.scratch.next;
}

// The updates of G's other parameters, and the end of the step.
struct UpdateGenerator {
  static constexpr int kWarpValues = kWarpShared<MediumTile>;
  static constexpr int kSums = MediumTile::kSums;
  static constexpr int kColumns = 64;
  using Updates = WeightUpdates<MediumTile, 0, 2>;
  __host__ __device__ static int first_update(const FusedStep&) { return 1; }

  __host__ __device__ static int tiles(const FusedStep& s) {
    int count = first_update(s) + Updates::tiles(s.generator);
    for (const FusedLayer& layer : s.generator.layers) count += tiles_of(layer.out, kColumns);
    return count;
  }
  template <class Mode, class Tile>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, const Tile& at) {
    if (t == 0) {
      at.await_phase_before();
      if (threadIdx.x < 32) finish_fused_step(s);
      return;
    }
    const FusedScratch& f = s.scratch;
    const FusedLayer* const g = s.generator.layers;
    const FusedUpdate update{f.adam, f.late};
    Updates::visit(
        s.generator, t - first_update(s), [&](int l, const WeightTile<MediumTile>& tile) {
          const float* const x = l == 0 ? f.z + noise_place(s, f.late->step) : f.g1;
          update_weights<Mode>(tile, l == 0 ? f.dg1 : f.dg2, x + s.rows * tile.layer.in, s.rows,
                               update, l == 0 ? Operands::b : Operands::both, at);
        });
    if (t < first_update(s) + Updates::tiles(s.generator)) return;
    at.await_phase_before();
    const ColumnSums columns[]{{g[0].bias, f.dg1, nullptr, g[0].out},
                               {g[1].bias, f.dg2, nullptr, g[1].out},
                               {g[2].bias, f.dfake, nullptr, g[2].out}};
    update_columns<kColumns>(columns, t - first_update(s) - Updates::tiles(s.generator), s.rows,
                             update, at.product.shared);
  }
};

template <class... Phase>
struct PhaseList {};
using FusedPhases =
    PhaseList<FirstHidden, SecondHidden, Generated, LossOfDiscriminator, UpdateDiscriminator,
              SplitsForGenerator, ImageDeltas, SecondDeltas, FirstDeltas, UpdateGenerator>;

// Does the running block's tiles of a phase.  The block calls wait() at least once before it
// returns (await_phase_before).
template <class Mode, class Phase, class Wait>
__device__ __forceinline__ void run_phase(const FusedStep& s, const Wait& wait) {
  float* const shared = dynamic_shared<float>();
  const TilePlace<Wait> place{{shared, s.warp_values}, shared + product_shared(s), wait};
  const int tiles = Phase::tiles(s);
  if (static_cast<int>(blockIdx.x) >= tiles) wait();
  for (int t = blockIdx.x; t < tiles; t += gridDim.x)
    if constexpr (has_products()) Phase::template tile<Mode>(s, t, place);
}

}  // namespace gan::cuda
