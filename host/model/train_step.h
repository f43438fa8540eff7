// One iteration of adversarial training (Goodfellow et al. 2014, algorithm 1, with the
// non-saturating loss for G).
#pragma once
#include "host/model/gan.h"

namespace gan {

// Updates D, then G, on `count` rows each of real images, z₁ and z₂ (count ≤ B, less in an epoch's
// last batch), records the losses and moves the clock.  Only enqueues work: nothing is allocated,
// copied to the host or waited for.
template <Backend B>
void train_step(const B& ops, Gan<B>& gan, const ImageSet& data, int count) {
  using Real = typename B::Real;
  Network<B>& G = gan.generator;
  Network<B>& D = gan.discriminator;
  Clock* const clock = gan.clock.get();
  auto* const losses = gan.losses.get();

  // Rows: G's z is [z₁; z₂], D's images are [real; G(z₁); G(z₂)].
  auto* const z = gan.z.get();
  auto* const images = gan.images.get();
  auto* const generated = rows_from(images, count, G.shape.outputs());
  auto* const dgenerated = rows_from(gan.dimages.get(), count, G.shape.outputs());
  auto* const logits = gan.logits.get();
  auto* const dlogits = gan.dlogits.get();
  auto* const p = gan.p.get();
  {
    [[maybe_unused]] const auto phase = ops.phase("batch and noise");
    ops.gather(images, data, clock, count, gan.settings.batch);
    const std::size_t n =
        2 * static_cast<std::size_t>(count) * static_cast<std::size_t>(G.shape.inputs());
    ops.normal(z, n, {gan.settings.seed, RandomStream::latent}, clock);
  }
  {
    // Both of G's batches at once, for D's update does not change G.
    [[maybe_unused]] const auto phase = ops.phase("generator forward");
    G.forward(ops, z, generated, {0, 2 * count});
  }
  {
    // D's loss: BCE(D(x), 1) + BCE(D(G(z₁)), 0).
    [[maybe_unused]] const auto phase = ops.phase("discriminator update");
    D.forward(ops, images, logits, {0, 2 * count});
    ops.bce(&losses->loss_real, &losses->d_real, p, logits, 1, count);
    ops.bce(&losses->loss_fake, &losses->d_fake, p + count, logits + count, 0, count);
    ops.bce_gradient(dlogits, p, 1, count);
    ops.bce_gradient(dlogits + count, p + count, 0, count);
    D.backward(ops, images, logits, dlogits, nullptr, {0, 2 * count}, Backward::parameters);
    D.update(ops, gan.settings.discriminator, clock);
  }
  {
    // G's loss: BCE(D(G(z₂)), 1), through D as it is now.
    [[maybe_unused]] const auto phase = ops.phase("generator update");
    const Rows fooling{2 * count, count};
    D.forward(ops, images, logits, fooling);
    ops.bce(&losses->loss_g, &losses->d_g, p + 2 * count, logits + 2 * count, 1, count);
    ops.bce_gradient(dlogits + 2 * count, p + 2 * count, 1, count);
    D.backward(ops, images, logits, dlogits, gan.dimages.get(), fooling, Backward::input);
    G.backward(ops, z, generated, dgenerated, nullptr, {count, count}, Backward::parameters);
    G.update(ops, gan.settings.generator, clock);
    if (gan.settings.ema > 0) {
      const Real decay = static_cast<Real>(gan.settings.ema);
      ops.ema(gan.average.get(), G.parameters.get(), G.shape.arena, decay);
    }
  }
  ops.finish_step(gan.ring.get(), gan.settings.ring, losses, clock, gan.settings.generator);
}

}  // namespace gan
