// One iteration of training whose batch is cut into shards.  Each shard gives its part of the
// gradients and losses, and the parts are added in the order of the shards, so that the ranks of a
// run can share them and train to the same bytes as one alone.
#pragma once
#include <algorithm>
#include <cstddef>
#include <optional>

#include "host/model/train_step.h"
#include "kernels/cuda/stream.h"

namespace gan::model {

// Shards first … first + count - 1.
struct Shards {
  int first, count;
};

// What the ranks of a run tell each other.
template <class Real>
class Exchange {
 public:
  virtual ~Exchange() = default;

  // The shards of this rank, of so many.
  virtual Shards own(int shards) const = 0;
  // Whether the parts of all shards are gathered and added in order.  Otherwise each rank adds its
  // own, and the sums are added in an order that depends on the number of ranks.
  virtual bool is_exact() const = 0;
  // Gives every rank the parts of all shards.  parts: (shards, size); every rank has its own.
  virtual void gather(Real* parts, int shards, std::size_t size) = 0;
  // Gives every rank the sum over all ranks.  values: (n).
  virtual void add(Real* values, std::size_t n) = 0;

  // Called before these, for values on a GPU: they are enqueued there.
  virtual void enqueue_on(CudaStream) {}
  // The seconds that it took since the last call, with waiting; none where it is enqueued on a GPU.
  virtual std::optional<double> take_seconds() { return std::nullopt; }
};

// One rank, which has all shards.
template <class Real>
class NoExchange final : public Exchange<Real> {
 public:
  Shards own(int shards) const override { return {0, shards}; }
  bool is_exact() const override { return true; }
  void gather(Real*, int, std::size_t) override {}
  void add(Real*, std::size_t) override {}
};

// The shards of a rank, of as many ranks as divide their number.
inline Shards shards_of(int rank, int ranks, int shards) {
  const int each = shards / ranks;
  return {rank * each, each};
}

// The rows of a shard of a batch of `count`: shards differ by one row at most.
inline StepRows rows_of_shard(int shard, int shards, int count, bool at_once) {
  const auto begin = [&](int of) { return static_cast<int>(std::int64_t{count} * of / shards); };
  StepRows rows(begin(shard + 1) - begin(shard), at_once);
  rows.shard = shard;
  rows.first = begin(shard);
  return rows;
}

// The members of StepLosses that a network's pass gives, as values from `first` on.
struct LossRange {
  std::size_t first, count;
};
template <class Real>
inline constexpr LossRange kAllLosses{0, sizeof(StepLosses<Real>) / sizeof(Real)};
template <class Real>
inline constexpr LossRange kGeneratorLosses{offsetof(StepLosses<Real>, loss_g) / sizeof(Real), 2};

// The values of a shard's part: a network's gradients, and its losses behind them.
inline std::size_t part_size(const NetworkShape& shape) {
  constexpr std::size_t kLosses = 32;  // with a gap, so that parts begin aligned
  return shape.arena + kLosses;
}

// The parts of the shards: of a network's gradients, and of the losses behind them.
template <Backend B>
class GradientParts {
 public:
  using Real = typename B::Real;

  GradientParts(const B& backend, const Gan<B>& gan)
      : shards_(gan.settings.shards),
        parts_(zeroed<B, Real>(backend, static_cast<std::size_t>(shards_) *
                                            std::max(part_size(gan.generator.shape),
                                                     part_size(gan.discriminator.shape)))) {}

  // Keeps the gradients and losses of a shard, which has this share of the batch's rows: they are
  // means over rows.
  void keep(const B& ops, const Network<B>& network, const Real* losses, int shard,
            double share) const {
    constexpr std::size_t kLosses = kAllLosses<Real>.count;
    Real* const part = parts_.get() + static_cast<std::size_t>(shard) * part_size(network.shape);
    const std::size_t n = network.shape.arena;
    ops.sum_parts(part, network.gradients.get(), static_cast<Real>(share), n, 1, n);
    ops.sum_parts(part + n, losses, static_cast<Real>(share), kLosses, 1, kLosses);
  }

  // A shard without rows has no part.
  void keep_nothing(const B& ops, const Network<B>& network, int shard) const {
    ops.fill(parts_.get() + static_cast<std::size_t>(shard) * part_size(network.shape), 0,
             part_size(network.shape));
  }

  // Leaves the sums over all shards in the network's gradients, and in some of the losses.
  void sum(const B& ops, const Network<B>& network, Exchange<Real>& exchange, Real* losses,
           LossRange range) const {
    const std::size_t size = part_size(network.shape), n = network.shape.arena;
    const bool is_exact = exchange.is_exact();
    if (is_exact) exchange.gather(parts_.get(), shards_, size);
    const Shards added = is_exact ? Shards{0, shards_} : exchange.own(shards_);
    const auto add = [&](Real* to, std::size_t from, std::size_t values) {
      ops.sum_parts(to, parts_.get() + static_cast<std::size_t>(added.first) * size + from, 1,
                    values, added.count, size);
      if (!is_exact) exchange.add(to, values);
    };
    add(network.gradients.get(), 0, n);
    add(losses + range.first, n + range.first, range.count);
  }

 private:
  int shards_;
  typename B::template Array<Real> parts_;
};

// A batch of `count` rows on its way through a step.
template <Backend B>
struct ShardedBatch {
  using Real = typename B::Real;

  const B& ops;
  Gan<B>& gan;
  int count;
  const GradientParts<B>& parts;
  Exchange<Real>& exchange;

  // Leaves the gradients of a network, and some of the losses, as the whole batch has them.
  // of_shard(rows) takes them of one shard.
  template <class OfShard>
  void differentiate(const Network<B>& network, LossRange range, const OfShard& of_shard) const {
    const StepSettings& settings = gan.settings;
    Real* const losses = &gan.losses.get()->loss_real;
    const Shards own = exchange.own(settings.shards);
    for (int shard = own.first; shard < own.first + own.count; ++shard) {
      const StepRows rows = rows_of_shard(shard, settings.shards, count, settings.simultaneous);
      if (rows.count == 0) {
        parts.keep_nothing(ops, network, shard);
        continue;
      }
      gan.discriminator.take_masks_of(shard);
      of_shard(rows);
      parts.keep(ops, network, losses, shard, static_cast<double>(rows.count) / count);
    }
    parts.sum(ops, network, exchange, losses, range);
  }
};

// train_step() on a batch of `count` rows in shards, with the parts of other ranks.
template <class Loss, Backend B>
void sharded_step_for(const B& ops, Gan<B>& gan, const ImageSet& data, int count, Turn turn,
                      const GradientParts<B>& parts, Exchange<typename B::Real>& exchange) {
  using Real = typename B::Real;
  const ShardedBatch<B> batch{ops, gan, count, parts, exchange};
  const bool at_once = gan.settings.simultaneous && turn == Turn::both;
  batch.differentiate(gan.discriminator, kAllLosses<Real>, [&](const StepRows& rows) {
    draw_batch(ops, gan, data, rows, {0, rows.count});
    differentiate_discriminator<Loss>(ops, gan, rows);
  });
  if (!at_once) update_discriminator(ops, gan);
  if (turn == Turn::both) {
    batch.differentiate(gan.generator, kGeneratorLosses<Real>, [&](const StepRows& rows) {
      const Rows at = rows.for_generator;
      draw_batch(ops, gan, data, rows, {at.first - rows.count, rows.count});
      gan.discriminator.forward(ops, gan.images.get(), gan.logits.get(), at);
      differentiate_generator<Loss>(ops, gan, rows);
    });
    if (at_once) update_discriminator(ops, gan);
    update_generator(ops, gan);
  }
  finish_step(ops, gan, turn);
}

template <Backend B>
void sharded_step(const B& ops, Gan<B>& gan, const ImageSet& data, int count, Turn turn,
                  const GradientParts<B>& parts, Exchange<typename B::Real>& exchange) {
  with_loss(gan.settings.loss, [&]<class Loss>(Loss) {
    sharded_step_for<Loss>(ops, gan, data, count, turn, parts, exchange);
  });
}

}  // namespace gan::model
