// One iteration of adversarial training (Goodfellow et al. 2014, algorithm 1).
#pragma once
#include <cmath>

#include "host/model/losses/losses.h"

namespace gan::model {

// The gradients of D's parameters, from dlogits.
template <class Loss, Backend B>
void discriminator_gradients(const B& ops, Gan<B>& gan, const StepRows& rows) {
  Network<B>& D = gan.discriminator;
  D.backward(ops, gan.images.get(), gan.logits.get(), gan.dlogits.get(), nullptr, rows.seen,
             Backward::parameters);
  // With pairs the gradient of the logits' bias is 0; rounding errors of its sum would make Adam
  // move the bias at random.
  if constexpr (Loss::kPairs) ops.fill(D.gradients.get() + D.shape.layers.back().bias, 0, 1);
}

// Adds the penalties on D's slopes, R1 and R2, to D's gradients and losses.
template <Backend B>
void penalise_input_gradients(const B& ops, Gan<B>& gan, const StepRows& rows) {
  using Real = typename B::Real;
  const double r1 = gan.settings.r1, r2 = gan.settings.r2;
  if (r1 == 0 && r2 == 0) return;
  // With s² = γ/count, ½Σ‖∂(s·D)/∂x‖² is γ/2·mean‖∂D/∂x‖².
  const auto& s = gan.dlogits;
  const auto scale = [&](double weight, Rows where) {
    if (weight == 0) return;
    ops.fill(s.at(where), static_cast<Real>(std::sqrt(weight / rows.count)),
             static_cast<std::size_t>(where.count));
  };
  scale(r1, rows.real);
  scale(r2, rows.fake);
  const Rows penalised = r2 == 0 ? rows.real : r1 == 0 ? rows.fake : rows.seen;
  gan.discriminator.add_penalty_gradients(ops, s.get(), gan.dimages.get(), gan.directional.get(),
                                          penalised);
  ops.dot(&gan.losses.get()->penalty, s.at(penalised), gan.directional.at(penalised), Real{0.5},
          penalised.count);
}

// Updates D, then G, on `count` rows each of real images, z₁ and z₂ (count ≤ B, less in an epoch's
// last batch), records the losses and moves the clock.  Only enqueues work: nothing is allocated,
// copied to the host or waited for.
template <class Loss, Backend B>
void train_step_for(const B& ops, Gan<B>& gan, const ImageSet& data, int count) {
  Network<B>& G = gan.generator;
  Network<B>& D = gan.discriminator;
  Clock* const clock = gan.clock.get();
  const StepRows rows(count);
  auto* const images = gan.images.get();
  auto* const generated = gan.images.at(rows.fake);
  {
    [[maybe_unused]] const auto phase = ops.phase("batch and noise");
    ops.gather(images, data, clock, count, gan.settings.batch);
    ops.normal(gan.z.get(), area({0, 2 * count}, G.shape.inputs()),
               {gan.settings.seed, RandomStream::latent}, clock);
  }
  {
    // Both of G's batches at once, for D's update does not change G.
    [[maybe_unused]] const auto phase = ops.phase("generator forward");
    G.forward(ops, gan.z.get(), generated, {0, 2 * count});
  }
  {
    [[maybe_unused]] const auto phase = ops.phase("discriminator update");
    D.forward(ops, images, gan.logits.get(), rows.seen);
    Loss::of_discriminator(ops, gan, rows);
    discriminator_gradients<Loss>(ops, gan, rows);
    penalise_input_gradients(ops, gan, rows);
    D.update(ops, gan.settings.discriminator, clock);
  }
  {
    [[maybe_unused]] const auto phase = ops.phase("generator update");
    D.forward(ops, images, gan.logits.get(), rows.for_generator);
    Loss::of_generator(ops, gan, rows);
    D.backward(ops, images, gan.logits.get(), gan.dlogits.get(), gan.dimages.get(),
               rows.for_generator, Backward::input);
    G.backward(ops, gan.z.get(), generated, gan.dimages.at(rows.fake), nullptr, {count, count},
               Backward::parameters);
    G.update(ops, gan.settings.generator, clock,
             gan.settings.averaging.decay > 0 ? gan.average.get() : nullptr);
  }
  ops.finish_step(gan.ring.get(), gan.settings.ring, gan.losses.get(), clock, gan.settings.clock());
}

// The same with the loss that the settings name.
template <Backend B>
void train_step(const B& ops, Gan<B>& gan, const ImageSet& data, int count) {
  with_loss(gan.settings.loss,
            [&]<class Loss>(Loss) { train_step_for<Loss>(ops, gan, data, count); });
}

}  // namespace gan::model
