// One iteration of adversarial training (Goodfellow et al. 2014, algorithm 1).
#pragma once
#include <cstdint>

#include "host/model/losses/losses.h"

namespace gan::model {

// Which networks a step updates.
enum class Turn { both, discriminator };

// Returns the turn of the step that follows `step` completed ones: every d_steps-th step updates G.
inline Turn turn_after(std::int64_t step, int d_steps) {
  return (step + 1) % d_steps == 0 ? Turn::both : Turn::discriminator;
}

// The gradients of D's parameters, from dlogits.
template <class Loss, Backend B>
void discriminator_gradients(const B& ops, Gan<B>& gan, const StepRows& rows) {
  Network<B>& D = gan.discriminator;
  D.backward(ops, gan.images.get(), gan.logits.get(), gan.dlogits.get(), nullptr, rows.seen,
             Backward::parameters);
  // A gradient of 0, whose sum has rounding errors: Adam would move the bias at random.
  if constexpr (Loss::kBiasCancels) ops.fill(D.gradients.get() + D.shape.layers.back().bias, 0, 1);
}

// Adds the penalties R1 and R2 on D's slopes at real and at generated images to D's gradients and
// losses.
template <Backend B>
void penalise_squared_slopes(const B& ops, Gan<B>& gan, const StepRows& rows) {
  using Real = typename B::Real;
  const double r1 = gan.settings.r1, r2 = gan.settings.r2;
  // With s² = γ/count, ½Σ‖∂(s·D)/∂x‖² is γ/2·mean‖∂D/∂x‖², and its gradient that of Σ v·∂(s·D)/∂x
  // at v = ∂(s·D)/∂x.
  const auto& s = gan.dlogits;
  const auto scale = [&](double weight, Rows where) {
    if (weight == 0) return;
    ops.penalty_scale(s.at(where), weight / where.count, static_cast<std::size_t>(where.count),
                      gan.clock.get());
  };
  scale(r1, rows.real);
  scale(r2, rows.fake);
  const Rows penalised = r2 == 0 ? rows.real : r1 == 0 ? rows.fake : rows.seen;
  gan.discriminator.slopes(ops, s.get(), gan.dimages.get(), penalised);
  gan.discriminator.add_slope_gradients(ops, s.get(), gan.dimages.get(), gan.directional.get(),
                                        penalised);
  ops.dot(&gan.losses.get()->penalty, s.at(penalised), gan.directional.at(penalised), Real{0.5},
          penalised.count);
}

// Adds the penalty λ·mean(‖∇D(x̂)‖ - 1)² at x̂ = αx + (1 - α)G(z₁), α ~ U(0, 1), to D's gradients and
// losses (Gulrajani et al., NeurIPS 2017, eq. 3).
template <Backend B>
void penalise_slopes_in_between(const B& ops, Gan<B>& gan, const StepRows& rows) {
  const Rows at = rows.between;
  Network<B>& D = gan.discriminator;
  ops.interpolate(gan.images.at(at), gan.images.at(rows.real), gan.images.at(rows.fake), at.count,
                  D.shape.inputs(),
                  of_part({gan.settings.seed, RandomStream::interpolation}, rows.shard),
                  gan.clock.get());
  D.forward(ops, gan.images.get(), gan.logits.get(), at);
  ops.fill(gan.dlogits.at(at), 1, static_cast<std::size_t>(at.count));
  D.slopes(ops, gan.dlogits.get(), gan.dimages.get(), at);
  ops.penalise_norms(gan.dimages.at(at), gan.p.at(at), gan.settings.gradient_penalty / at.count,
                     at.count, D.shape.inputs(), gan.clock.get());
  D.add_slope_gradients(ops, gan.dlogits.get(), gan.dimages.get(), gan.directional.get(), at);
  ops.dot(&gan.losses.get()->penalty, gan.p.at(at), gan.p.at(at), 1, at.count);
}

template <Backend B>
void penalise_slopes(const B& ops, Gan<B>& gan, const StepRows& rows) {
  if (gan.settings.gradient_penalty > 0)
    penalise_slopes_in_between(ops, gan, rows);
  else if (gan.settings.r1 > 0 || gan.settings.r2 > 0)
    penalise_squared_slopes(ops, gan, rows);
}

// D's losses and the gradients of its parameters.
template <class Loss, Backend B>
void differentiate_discriminator(const B& ops, Gan<B>& gan, const StepRows& rows) {
  gan.discriminator.forward(ops, gan.images.get(), gan.logits.get(), rows.seen);
  Loss::of_discriminator(ops, gan, rows);
  discriminator_gradients<Loss>(ops, gan, rows);
  penalise_slopes(ops, gan, rows);
}

// G's loss and the gradients of its parameters, after D's forward pass of rows.for_generator.
template <class Loss, Backend B>
void differentiate_generator(const B& ops, Gan<B>& gan, const StepRows& rows) {
  const Rows at = rows.for_generator;
  Loss::of_generator(ops, gan, rows);
  gan.discriminator.backward(ops, gan.images.get(), gan.logits.get(), gan.dlogits.get(),
                             gan.dimages.get(), at, Backward::input);
  const Rows drawn{at.first - rows.count, rows.count};  // of G's own rows
  gan.generator.backward(ops, gan.z.get(), gan.images.at(rows.fake), gan.dimages.at(rows.fake),
                         nullptr, drawn, Backward::parameters);
}

template <Backend B>
void update_discriminator(const B& ops, Gan<B>& gan) {
  Network<B>& D = gan.discriminator;
  D.update(ops, gan.settings.optimiser, gan.settings.discriminator, gan.clock.get());
  if (gan.settings.clip > 0)
    ops.clip(D.parameters.get(), static_cast<typename B::Real>(gan.settings.clip), D.shape.arena);
}

template <Backend B>
void update_generator(const B& ops, Gan<B>& gan) {
  gan.generator.update(ops, gan.settings.optimiser, gan.settings.generator, gan.generator_clock(),
                       gan.settings.averaging.decay > 0 ? gan.average.get() : nullptr);
}

// D's update, then, on images of its own and by the new D, G's.
template <class Loss, Backend B>
void update_in_turn(const B& ops, Gan<B>& gan, const StepRows& rows, Turn turn) {
  {
    [[maybe_unused]] const auto phase = ops.phase("discriminator update");
    differentiate_discriminator<Loss>(ops, gan, rows);
    update_discriminator(ops, gan);
  }
  if (turn == Turn::discriminator) return;
  [[maybe_unused]] const auto phase = ops.phase("generator update");
  gan.discriminator.forward(ops, gan.images.get(), gan.logits.get(), rows.for_generator);
  differentiate_generator<Loss>(ops, gan, rows);
  update_generator(ops, gan);
}

// Both updates by the same images, masks and parameters.
template <class Loss, Backend B>
void update_at_once(const B& ops, Gan<B>& gan, const StepRows& rows) {
  [[maybe_unused]] const auto phase = ops.phase("simultaneous update");
  differentiate_discriminator<Loss>(ops, gan, rows);
  differentiate_generator<Loss>(ops, gan, rows);
  update_discriminator(ops, gan);
  update_generator(ops, gan);
}

// Draws what the rows stand for, as far as G's rows `generated` reach: real images, their classes
// and latent vectors; then G's images of these rows.
template <Backend B>
void draw_batch(const B& ops, Gan<B>& gan, ImageSet data, const StepRows& rows, Rows generated) {
  Network<B>& G = gan.generator;
  const StepSettings& settings = gan.settings;
  const Clock* const clock = gan.clock.get();
  {
    [[maybe_unused]] const auto phase = ops.phase("batch and noise");
    data.order += rows.first;
    ops.gather(gan.images.get(), data, clock, rows.count, settings.batch);
    if (G.shape.classes > 0)
      ops.gather_labels(gan.classes.get(), data, clock, rows.count, settings.batch,
                        settings.discriminator_parts());
    draw_latents(ops, gan.z.get(), area({0, generated.first + generated.count}, G.shape.inputs()),
                 settings.latent, of_part({settings.seed, RandomStream::latent}, rows.shard),
                 clock);
  }
  [[maybe_unused]] const auto phase = ops.phase("generator forward");
  G.forward(ops, gan.z.get(), gan.images.at(rows.fake), generated);
}

// Records the losses and moves the clocks on after the updates of `turn`.
template <Backend B>
void finish_step(const B& ops, Gan<B>& gan, Turn turn) {
  if (turn == Turn::discriminator)
    ops.fill(&gan.losses.get()->loss_g, 0, 2);  // and d_g
  else if (gan.settings.d_steps > 1)
    ops.advance(gan.generator_clock(), gan.settings.generator_clock());
  ops.finish_step(gan.ring.get(), gan.settings.ring, gan.losses.get(), gan.clock.get(),
                  gan.settings.clock());
}

// Updates D and, if it is its turn, G, on `count` rows each of real images, z₁ and z₂ (count ≤ B,
// less in an epoch's last batch; simultaneous updates draw no z₂), records the losses and moves the
// clocks.  Only enqueues work: nothing is allocated, copied to the host or waited for.
template <class Loss, Backend B>
void train_step_for(const B& ops, Gan<B>& gan, const ImageSet& data, int count, Turn turn) {
  const bool at_once = gan.settings.simultaneous;
  const StepRows rows(count, at_once);
  // Both of G's batches together, for D's update does not change G.
  draw_batch(ops, gan, data, rows, {0, turn == Turn::both && !at_once ? 2 * count : count});
  if (turn == Turn::both && at_once)
    update_at_once<Loss>(ops, gan, rows);
  else
    update_in_turn<Loss>(ops, gan, rows, turn);
  finish_step(ops, gan, turn);
}

// The same with the loss that the settings name.
template <Backend B>
void train_step(const B& ops, Gan<B>& gan, const ImageSet& data, int count, Turn turn) {
  with_loss(gan.settings.loss,
            [&]<class Loss>(Loss) { train_step_for<Loss>(ops, gan, data, count, turn); });
}

}  // namespace gan::model
