// The two networks of a GAN and the buffers between them.
#pragma once
#include <span>
#include <utility>

#include "host/model/latent.h"
#include "host/model/losses/gan_loss.h"
#include "host/model/network.h"

namespace gan::model {

// The settings that a training step depends on.
struct StepSettings {
  int batch = 128;  // rows of a full batch
  int shards = 1;   // that a batch is cut into; each gives its part of the gradients
  int ring = 100;   // steps of losses kept on the device
  std::uint64_t seed = 0;
  GanLoss loss = GanLoss::non_saturating;
  double real_label = 1;     // D's target for real images; below 1: one-sided label smoothing
  double dropout = 0;        // rate of dropout after D's hidden layers
  double input_dropout = 0;  // the same of D's input
  LatentDistribution latent = LatentDistribution::normal;
  double generator_range = 0, discriminator_range = 0;  // of initial weights; 0: ±1/√in
  // Weights γ of the penalties γ/2·mean‖∇ₓD(x)‖² on D's slopes at real images (R1) and at generated
  // ones (R2), of its logits (Mescheder et al., ICML 2018, section 4.1).
  double r1 = 0, r2 = 0;
  // Weight λ of the penalty λ·mean(‖∇ₓD(x̂)‖ - 1)² at x̂ between a real and a generated image; not
  // together with R1 and R2.
  double gradient_penalty = 0;
  Schedule penalty_schedule = {};          // of all these weights
  double clip = 0;                         // bound of D's parameters after its update; 0: none
  int d_steps = 1;                         // updates of D for each one of G
  bool simultaneous = false;               // both updates by the same images and parameters
  Averaging averaging = {.decay = 0.999};  // of G's parameters; decay 0: none is kept
  Optimiser optimiser = Optimiser::adam;
  AdamSettings generator = {}, discriminator = {};  // with the same β₁ and β₂; SGD takes the rates
  Momentum momentum = {};                           // of SGD
  Schedule schedule = {};                           // of both rates

  // Parts of D's buffers, of a batch each: real images, two of generated ones, and with a gradient
  // penalty one of images in between.
  int discriminator_parts() const { return gradient_penalty > 0 ? 4 : 3; }
  int discriminator_rows() const { return discriminator_parts() * rows(); }
  int rows() const { return (batch + shards - 1) / shards; }  // B, of a full shard or batch

  // Of the clock of D, whose step is that of the run.
  ClockSettings clock() const {
    const bool corrected = optimiser == Optimiser::adam;
    return {corrected ? generator.beta1 : 0,
            corrected ? generator.beta2 : 0,
            schedule,
            averaging,
            momentum,
            penalty_schedule};
  }
  // Of the clock of G, which counts its own updates.
  ClockSettings generator_clock() const {
    ClockSettings settings = clock();
    settings.schedule.steps /= d_steps;
    settings.penalty.steps /= d_steps;
    settings.momentum.epoch_steps /= d_steps;
    return settings;
  }
};

template <Backend B>
struct Gan {
  using Real = typename B::Real;
  template <class U>
  using Array = typename B::template Array<U>;

  Gan(const B& backend, NetworkShape generator_shape, NetworkShape discriminator_shape,
      StepSettings step);

  StepSettings settings;
  Network<B> generator, discriminator;
  Array<Real> average;  // of G's parameters, an arena like theirs; training does not read it

  // G works on the rows [z₁; z₂], D on [real; G(z₁); G(z₂)]: G writes its images into D's input.
  // With a gradient penalty, D has 4B rows, not 3B (step_rows.h).
  BatchMatrix<B> z;            // (2B, latent)
  BatchMatrix<B> images;       // (3B, pixels)
  BatchMatrix<B> logits;       // (3B, 1)
  BatchMatrix<B> p;            // (3B, 1), D's probabilities
  BatchMatrix<B> dlogits;      // (3B, 1)
  BatchMatrix<B> dimages;      // (3B, pixels)
  BatchMatrix<B> directional;  // (3B, 1), derivatives of the logits along their input gradients

  // Of a conditional GAN: the classes of the batch, once for each part of D's images.  Generated
  // images have the classes of the batch's real ones, so both have the same distribution.
  Array<std::uint8_t> classes;  // (3B)

  Array<StepLosses<Real>> losses;  // of the step under way
  Array<StepLosses<Real>> ring;    // of past steps, each at step mod settings.ring
  Array<Clock> clock;  // [0]: of D and of the run; [1]: of G, if D has more updates than G

  Clock* generator_clock() const { return clock.get() + (settings.d_steps > 1 ? 1 : 0); }

  // Draws the initial weights and sets the clocks to step 0.  `output_bias`, unless it is empty, is
  // the initial bias of G's last layer.
  void initialise(const B& backend, std::span<const Real> output_bias = {});
  void set_clock(const B& backend, std::uint64_t step);
};

template <Backend B>
Gan<B>::Gan(const B& backend, NetworkShape generator_shape, NetworkShape discriminator_shape,
            StepSettings step)
    : settings(step),
      generator(backend, std::move(generator_shape), 2 * step.rows()),
      discriminator(backend, std::move(discriminator_shape), step.discriminator_rows()),
      average(zeroed<B, Real>(backend, generator.shape.arena)),
      z(backend, 2 * step.rows(), generator.shape.inputs()),
      images(backend, step.discriminator_rows(), generator.shape.outputs()),
      logits(backend, step.discriminator_rows(), 1),
      p(backend, step.discriminator_rows(), 1),
      dlogits(backend, step.discriminator_rows(), 1),
      dimages(backend, step.discriminator_rows(), generator.shape.outputs()),
      directional(backend, step.discriminator_rows(), 1),
      losses(zeroed<B, StepLosses<Real>>(backend, 1)),
      ring(zeroed<B, StepLosses<Real>>(backend, static_cast<std::size_t>(step.ring))),
      clock(backend.template allocate<Clock>(2)) {
  discriminator.set_dropout(backend, {settings.dropout,
                                      settings.input_dropout,
                                      {settings.seed, RandomStream::dropout},
                                      clock.get()});
  if (generator.shape.classes == 0) return;
  classes =
      zeroed<B, std::uint8_t>(backend, static_cast<std::size_t>(settings.discriminator_rows()));
  generator.set_classes(classes.get());
  discriminator.set_classes(classes.get());
}

template <Backend B>
void Gan<B>::initialise(const B& backend, std::span<const Real> output_bias) {
  generator.initialise(backend, {settings.seed, RandomStream::generator_weights},
                       settings.generator_range);
  discriminator.initialise(backend, {settings.seed, RandomStream::discriminator_weights},
                           settings.discriminator_range);
  if (!output_bias.empty())
    backend.upload(generator.parameters.get() + generator.shape.layers.back().bias,
                   output_bias.data(), output_bias.size());
  const Clock copying{};  // with a decay of 0, ema() copies
  backend.upload(clock.get(), &copying, 1);
  backend.ema(average.get(), generator.parameters.get(), generator.shape.arena, clock.get());
  set_clock(backend, 0);
}

template <Backend B>
void Gan<B>::set_clock(const B& backend, std::uint64_t step) {
  const Clock now[] = {
      clock_at(step, settings.clock()),
      clock_at(step / static_cast<std::uint64_t>(settings.d_steps), settings.generator_clock())};
  backend.upload(clock.get(), now, 2);
}

}  // namespace gan::model
