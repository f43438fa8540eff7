// One iteration of adversarial training (Goodfellow et al. 2014, algorithm 1), and its two updates.
#pragma once
#include <cmath>

#include "host/model/gan.h"

namespace gan::model {

// The rows of one step, of `count` each: G's z is [z₁; z₂], D's images are [real; G(z₁); G(z₂)].
// D learns from G(z₁), G from G(z₂).
struct StepRows {
  explicit StepRows(int rows) : count(rows) {}

  int count;
  Rows real{0, count}, fake{count, count}, for_generator{2 * count, count};
  Rows seen{0, 2 * count};  // by D's update
};

// D's loss as StepLosses has it, and its gradient in dlogits: BCE(D(x), label) + BCE(D(G(z₁)), 0),
// or the logistic loss of the pairs (D(x), D(G(z₁))).
template <Backend B>
void discriminator_loss(const B& ops, Gan<B>& gan, const StepRows& rows) {
  using Real = typename B::Real;
  auto* const losses = gan.losses.get();
  Real* const p_fake = gan.p.get() + rows.fake.first;
  Real* const z_fake = gan.logits.get() + rows.fake.first;
  Real* const dz_fake = gan.dlogits.get() + rows.fake.first;
  if (gan.settings.loss == GanLoss::relativistic) {
    ops.pair_bce(&losses->loss_real, &losses->d_real, gan.p.get(), gan.logits.get(), z_fake,
                 rows.count);
    ops.pair_bce_gradient(gan.dlogits.get(), dz_fake, gan.p.get(), rows.count);
    return;
  }
  const BceTarget<Real> real{static_cast<Real>(gan.settings.real_label)}, fake{0};
  ops.bce(&losses->loss_real, &losses->d_real, gan.p.get(), gan.logits.get(), real, rows.count);
  ops.bce(&losses->loss_fake, &losses->d_fake, p_fake, z_fake, fake, rows.count);
  ops.bce_gradient(gan.dlogits.get(), gan.p.get(), real, rows.count);
  ops.bce_gradient(dz_fake, p_fake, fake, rows.count);
}

// D's gradients from that of its loss.
template <Backend B>
void discriminator_gradients(const B& ops, Gan<B>& gan, const StepRows& rows) {
  Network<B>& D = gan.discriminator;
  D.backward(ops, gan.images.get(), gan.logits.get(), gan.dlogits.get(), nullptr, rows.seen,
             Backward::parameters);
  // The bias of the logits cancels in every pair.  Its gradient is 0, and the rounding errors of
  // the sum would make Adam move it at random.
  if (gan.settings.loss == GanLoss::relativistic)
    ops.fill(D.gradients.get() + D.shape.layers.back().bias, 0, 1);
}

// Adds the penalties on D's slopes, R1 and R2, to D's gradients and losses.
template <Backend B>
void penalise_input_gradients(const B& ops, Gan<B>& gan, const StepRows& rows) {
  using Real = typename B::Real;
  const double r1 = gan.settings.r1, r2 = gan.settings.r2;
  if (r1 == 0 && r2 == 0) return;
  // With s² = γ/count, ½Σ‖∂(s·D)/∂x‖² is γ/2·mean‖∂D/∂x‖².
  Real* const s = gan.dlogits.get();
  const auto scale = [&](double weight, Rows where) {
    if (weight == 0) return;
    ops.fill(s + where.first, static_cast<Real>(std::sqrt(weight / rows.count)),
             static_cast<std::size_t>(where.count));
  };
  scale(r1, rows.real);
  scale(r2, rows.fake);
  const Rows penalised = r2 == 0 ? rows.real : r1 == 0 ? rows.fake : rows.seen;
  gan.discriminator.add_penalty_gradients(ops, s, gan.dimages.get(), gan.directional.get(),
                                          penalised);
  ops.dot(&gan.losses.get()->penalty, s + penalised.first, gan.directional.get() + penalised.first,
          Real{0.5}, penalised.count);
}

// G's loss through D as it is now, and its gradient in dlogits: BCE(D(G(z₂)), 1), -BCE(D(G(z₂)),
// 0), or the logistic loss of the pairs (D(G(z₂)), D(x)).
template <Backend B>
void generator_loss(const B& ops, Gan<B>& gan, const StepRows& rows) {
  using Real = typename B::Real;
  auto* const losses = gan.losses.get();
  Real* const p = gan.p.get() + rows.for_generator.first;
  Real* const z = gan.logits.get() + rows.for_generator.first;
  Real* const dz = gan.dlogits.get() + rows.for_generator.first;
  if (gan.settings.loss == GanLoss::relativistic) {
    gan.discriminator.forward(ops, gan.images.get(), gan.logits.get(), rows.real);
    ops.pair_bce(&losses->loss_g, &losses->d_g, p, z, gan.logits.get(), rows.count);
    ops.pair_bce_gradient(dz, gan.dlogits.get(), p, rows.count);
    return;
  }
  const BceTarget<Real> against =
      gan.settings.loss == GanLoss::minimax ? BceTarget<Real>{0, -1} : BceTarget<Real>{1};
  ops.bce(&losses->loss_g, &losses->d_g, p, z, against, rows.count);
  ops.bce_gradient(dz, p, against, rows.count);
}

// Updates D, then G, on `count` rows each of real images, z₁ and z₂ (count ≤ B, less in an epoch's
// last batch), records the losses and moves the clock.  Only enqueues work: nothing is allocated,
// copied to the host or waited for.
template <Backend B>
void train_step(const B& ops, Gan<B>& gan, const ImageSet& data, int count) {
  using Real = typename B::Real;
  Network<B>& G = gan.generator;
  Network<B>& D = gan.discriminator;
  Clock* const clock = gan.clock.get();
  const StepRows rows(count);
  Real* const z = gan.z.get();
  Real* const images = gan.images.get();
  Real* const generated = rows_from(images, rows.fake.first, G.shape.outputs());
  Real* const dgenerated = rows_from(gan.dimages.get(), rows.fake.first, G.shape.outputs());
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
    [[maybe_unused]] const auto phase = ops.phase("discriminator update");
    D.forward(ops, images, gan.logits.get(), rows.seen);
    discriminator_loss(ops, gan, rows);
    discriminator_gradients(ops, gan, rows);
    penalise_input_gradients(ops, gan, rows);
    D.update(ops, gan.settings.discriminator, clock);
  }
  {
    [[maybe_unused]] const auto phase = ops.phase("generator update");
    D.forward(ops, images, gan.logits.get(), rows.for_generator);
    generator_loss(ops, gan, rows);
    D.backward(ops, images, gan.logits.get(), gan.dlogits.get(), gan.dimages.get(),
               rows.for_generator, Backward::input);
    G.backward(ops, z, generated, dgenerated, nullptr, {count, count}, Backward::parameters);
    G.update(ops, gan.settings.generator, clock,
             gan.settings.averaging.decay > 0 ? gan.average.get() : nullptr);
  }
  ops.finish_step(gan.ring.get(), gan.settings.ring, gan.losses.get(), clock, gan.settings.clock());
}

}  // namespace gan::model
