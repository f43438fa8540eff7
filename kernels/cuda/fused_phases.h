// The phases of the fused step.  Every phase is a number of tiles that blocks may take in any order
// and at the same time; between two phases all blocks wait for each other, at a kernel's end or at
// a barrier.
#pragma once
#include "kernels/cuda/fused_tiles.h"

namespace gan::cuda {

// The updates of some layers of a network, as a part of a phase: tiles of weights, then of biases.
template <class Shape, int kFirst, int kLast>
struct LayerUpdates {
  using TileShape = Shape;
  static constexpr int kMoments = ResidentMoments<Shape>::kSize;  // of a tile

  __host__ __device__ static TileGrid<Shape> grid(const FusedLayer& layer) {
    return {layer.out, layer.in};
  }
  __host__ __device__ static int tiles(const FusedNetwork& network) {
    int count = 0;
    for (int l = kFirst; l < kLast; ++l)
      count += grid(network.layers[l]).count() + tiles_of(network.layers[l].out, kBiasTile);
    return count;
  }
  // weights(l, tile) or biases(l, first), whichever tile number t is.
  template <class Weights, class Biases>
  __device__ __forceinline__ static void visit(const FusedNetwork& network, int t,
                                               const Weights& weights, const Biases& biases) {
    for (int l = kFirst; l < kLast; ++l) {
      const TileGrid<Shape> tiles = grid(network.layers[l]);
      if (t < tiles.count())
        return weights(l, WeightTile<Shape>{network.layers[l], tiles.row(t), tiles.column(t)});
      t -= tiles.count();
    }
    for (int l = kFirst; l < kLast; ++l) {
      const int tiles = tiles_of(network.layers[l].out, kBiasTile);
      if (t < tiles) return biases(l, t * kBiasTile);
      t -= tiles;
    }
  }
};

// A tile's memory: that of all, and, where moments stay in shared memory, those of its parameters.
struct TileMemory {
  float* shared;
  float* moments;  // may be null
};

// The phases, in their order.  tile() is called for every tile in [0, tiles()).
struct WithoutUpdates {
  static constexpr int kMoments = 0;
};

// G's first hidden layer, and D's first product of the real images, which wait for nothing.
struct FirstHidden : WithoutUpdates {
  __host__ __device__ static int tiles(const FusedStep& s) {
    return grid(s).count() + SlabTiles(s).count();
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, TileMemory at) {
    const float slope = s.generator.slope;
    if (t < grid(s).count())
      forward_tile<kPrecision>(s.generator.layers[0], s.scratch.g1, noise_of(s, s.clock->step),
                               2 * s.rows, t, at.shared, [=](float x) { return leaky(x, slope); });
    else
      slab_tile<kPrecision>(s, t - grid(s).count(), at.shared, [&](int row, int pixel, int depth) {
        return RealRows{RealBatch(s), row, pixel, s.rows - row, depth};
      });
  }
  __host__ __device__ static TileGrid<SmallTile> grid(const FusedStep& s) {
    return {2 * s.rows, s.generator.layers[0].out};
  }
};

struct SecondHidden : WithoutUpdates {
  __host__ __device__ static int tiles(const FusedStep& s) {
    return TileGrid<SmallTile>{2 * s.rows, s.generator.layers[1].out}.count();
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, TileMemory at) {
    const float slope = s.generator.slope;
    forward_tile<kPrecision>(s.generator.layers[1], s.scratch.g2, s.scratch.g1, 2 * s.rows, t,
                             at.shared, [=](float x) { return leaky(x, slope); });
  }
};

// G(z₁) and G(z₂), and D's first product of G(z₁); beside them, D's loss on the real images and its
// gradients down to D's first layer.
struct Generated : WithoutUpdates {
  __host__ __device__ static int tiles(const FusedStep& s) {
    return tiles_of(s.rows, kTailRows) + TileGrid<LargeTile>{2 * s.rows, s.pixels()}.count();
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, TileMemory at) {
    const int tails = tiles_of(s.rows, kTailRows);
    if (t < tails)
      Tail<kPrecision>(s, Shown::real, t, at.shared).run(Losses::recorded);
    else
      image_tile<kPrecision>(s, t - tails, at.shared);
  }
};

// D's loss on G(z₁), and its gradients down to D's first layer.
struct LossOfDiscriminator : WithoutUpdates {
  __host__ __device__ static int tiles(const FusedStep& s) { return tiles_of(s.rows, kTailRows); }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, TileMemory at) {
    Tail<kPrecision>(s, Shown::fake, t, at.shared).run(Losses::recorded);
  }
};

struct UpdateDiscriminator {
  using Updates = LayerUpdates<SmallTile, 0, kFusedLayers>;
  static constexpr int kMoments = Updates::kMoments;
  __host__ __device__ static int first_update(const FusedStep&) { return 0; }
  __host__ __device__ static const FusedNetwork& network(const FusedStep& s) {
    return s.discriminator;
  }

  __host__ __device__ static int tiles(const FusedStep& s) { return Updates::tiles(network(s)); }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, TileMemory at) {
    const FusedScratch& f = s.scratch;
    const FusedUpdate update = update_of(s, s.discriminator, s.clock, at.shared);
    const int depth = 2 * s.rows;
    const auto deltas = [&](int l) { return l == 0 ? f.dd1 : l == 1 ? f.dd2 : f.dlogits; };
    const auto weights = [&](int l, const WeightTile<SmallTile>& tile) {
      const ColumnsOf dz = columns_from(deltas(l), tile.layer.out, tile.row, depth);
      if (l == 0)
        update_weights<kPrecision>(
            tile, dz,
            SeenPixels{RealBatch(s), f.fake, tile.column, s.pixels() - tile.column, s.rows}, depth,
            update, at.shared, at.moments);
      else
        update_weights<kPrecision>(
            tile, dz, columns_from(l == 1 ? f.d1 : f.d2, tile.layer.in, tile.column, depth), depth,
            update, at.shared, at.moments);
    };
    Updates::visit(s.discriminator, t, weights, [&](int l, int first) {
      update_biases(s.discriminator.layers[l], first, deltas(l), depth, update, at.shared);
    });
  }
};

// D's first product of G(z₂), by D as it is now.
struct SlabsOfFooling : WithoutUpdates {
  __host__ __device__ static int tiles(const FusedStep& s) { return SlabTiles(s).count(); }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, TileMemory at) {
    const float* const images = s.scratch.fake + static_cast<std::size_t>(s.rows) * s.pixels();
    slab_tile<kPrecision>(s, t, at.shared, [&](int row, int pixel, int depth) {
      return RowsOf{images + row * s.pixels() + pixel, s.pixels(), s.rows - row, depth};
    });
  }
};

// G's loss, and its gradient down to G's images before the sigmoid: blocks that share rows repeat
// what lies between, which costs less than waiting for one of them.  Beside it, the next step's
// noise and clock.
struct ImageDeltas : WithoutUpdates {
  __host__ __device__ static int tiles(const FusedStep& s) {
    return grid(s).count() + noise_tiles(s) + 1;
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, TileMemory at) {
    const int images = grid(s).count();
    if (t < images) {
      deltas<kPrecision>(s, grid(s).row(t), grid(s).column(t), at.shared);
    } else if (t < images + noise_tiles(s)) {
      noise_tile(s, s.clock->step + 1, t - images);
    } else if (threadIdx.x == 0) {
      *s.scratch.late = *s.clock;
      *s.scratch.next = clock_at(s.clock->step + 1, s.clock_settings);
    }
  }

 private:
  __host__ __device__ static TileGrid<WideTile> grid(const FusedStep& s) {
    return {s.rows, s.pixels()};
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void deltas(const FusedStep& s, int row, int pixel,
                                                float* shared) {
    static_assert(WideTile::kRows == kTailRows);
    Tail<kPrecision> tail(s, Shown::fooling, row / kTailRows, shared);
    tail.run(pixel == 0 ? Losses::recorded : Losses::dropped);
    const FusedLayer& layer = s.discriminator.layers[0];
    const float* const y = s.scratch.fake + static_cast<std::size_t>(s.rows) * s.pixels();
    product_tile<kPrecision, WideTile>(tail.gradient(), inputs_of(layer, pixel), layer.out, shared,
                                       [&](int, int i, int j, float dy) {
                                         if (row + i >= s.rows || pixel + j >= s.pixels()) return;
                                         const int place = (row + i) * s.pixels() + pixel + j;
                                         s.scratch.dfake[place] = dy * y[place] * (1 - y[place]);
                                       });
  }
};

// From here on nothing reads the step's clock but its copy: its last phase sets it.

// The gradient before G's second activation.
struct SecondDeltas : WithoutUpdates {
  __host__ __device__ static int tiles(const FusedStep& s) {
    return TileGrid<SmallTile>{s.rows, s.generator.layers[2].in}.count();
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, TileMemory at) {
    const FusedLayer& layer = s.generator.layers[2];
    const float slope = s.generator.slope;
    backward_tile<kPrecision>(layer, s.scratch.dg2, s.scratch.dfake,
                              s.scratch.g2 + s.rows * layer.in, s.rows, t, at.shared,
                              [=](float dy, float y) { return y > 0 ? dy : slope * dy; });
  }
};

// The gradient before G's first activation; beside it, the update of G's last layer, which nothing
// reads any more.
struct FirstDeltas {
  using Updates = LayerUpdates<LargeTile, 2, kFusedLayers>;
  static constexpr int kMoments = Updates::kMoments;
  __host__ __device__ static int first_update(const FusedStep& s) {
    return TileGrid<SmallTile>{s.rows, s.generator.layers[1].in}.count();
  }
  __host__ __device__ static const FusedNetwork& network(const FusedStep& s) { return s.generator; }

  __host__ __device__ static int tiles(const FusedStep& s) {
    return first_update(s) + Updates::tiles(network(s));
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, TileMemory at) {
    const FusedScratch& f = s.scratch;
    if (t < first_update(s)) {
      const FusedLayer& layer = s.generator.layers[1];
      const float slope = s.generator.slope;
      backward_tile<kPrecision>(layer, f.dg1, f.dg2, f.g1 + s.rows * layer.in, s.rows, t, at.shared,
                                [=](float dy, float y) { return y > 0 ? dy : slope * dy; });
      return;
    }
    const FusedUpdate update = update_of(s, s.generator, f.late, at.shared);
    const auto weights = [&](int, const WeightTile<LargeTile>& tile) {
      const FusedLayer& layer = tile.layer;
      update_weights<kPrecision>(
          tile, columns_from(f.dfake, layer.out, tile.row, s.rows),
          columns_from(f.g2 + s.rows * layer.in, layer.in, tile.column, s.rows), s.rows, update,
          at.shared, at.moments);
    };
    Updates::visit(s.generator, t - first_update(s), weights, [&](int l, int first) {
      update_biases(s.generator.layers[l], first, f.dfake, s.rows, update, at.shared);
    });
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
  using Updates = LayerUpdates<SmallTile, 0, 2>;
  static constexpr int kMoments = Updates::kMoments;
  __host__ __device__ static int first_update(const FusedStep&) { return 1; }
  __host__ __device__ static const FusedNetwork& network(const FusedStep& s) { return s.generator; }

  __host__ __device__ static int tiles(const FusedStep& s) {
    return first_update(s) + Updates::tiles(network(s));
  }
  template <Precision kPrecision>
  __device__ __forceinline__ static void tile(const FusedStep& s, int t, TileMemory at) {
    if (t == 0) {
      if (threadIdx.x == 0) finish_fused_step(s);
      return;
    }
    const FusedScratch& f = s.scratch;
    const FusedUpdate update = update_of(s, s.generator, f.late, at.shared);
    const auto deltas = [&](int l) { return l == 0 ? f.dg1 : f.dg2; };
    const auto weights = [&](int l, const WeightTile<SmallTile>& tile) {
      const FusedLayer& layer = tile.layer;
      const float* const x = l == 0 ? noise_of(s, f.late->step) : f.g1;
      update_weights<kPrecision>(tile, columns_from(deltas(l), layer.out, tile.row, s.rows),
                                 columns_from(x + s.rows * layer.in, layer.in, tile.column, s.rows),
                                 s.rows, update, at.shared, at.moments);
    };
    Updates::visit(s.generator, t - first_update(s), weights, [&](int l, int first) {
      update_biases(s.generator.layers[l], first, deltas(l), s.rows, update, at.shared);
    });
  }
};

template <class... Phase>
struct PhaseList {};
using FusedPhases =
    PhaseList<FirstHidden, SecondHidden, Generated, LossOfDiscriminator, UpdateDiscriminator,
              SlabsOfFooling, ImageDeltas, SecondDeltas, FirstDeltas, UpdateGenerator>;

// The tiles of a phase for the running block.  `moments` is where those of its parameters stay,
// tile after tile; null if they stay with the parameters.
template <Precision kPrecision, class Phase>
__device__ __forceinline__ void run_phase(const FusedStep& s, float* moments) {
  float* const shared = dynamic_shared<float>();
  for (int t = blockIdx.x; t < Phase::tiles(s); t += gridDim.x) {
    if constexpr (has_products<kPrecision>())
      Phase::template tile<kPrecision>(s, t, {shared, moments});
    if (moments) moments += Phase::kMoments;
  }
}

}  // namespace gan::cuda
