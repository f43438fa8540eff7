#pragma once
#include "host/model/gan.h"
#include "host/model/step_rows.h"

namespace gan::model {

// The losses compare the logits of a real and a generated image: D minimises
// -ln σ(D(x) - D(G(z₁))), G -ln σ(D(G(z₂)) - D(x)) (Jolicoeur-Martineau, ICLR 2019).
struct RelativisticLoss {
  // In every pair.
  static constexpr bool kBiasCancels = true;

  template <Backend B>
  static void of_discriminator(const B& ops, Gan<B>& gan, const StepRows& rows) {
    prefer(ops, gan, rows.real, rows.fake, &StepLosses<typename B::Real>::loss_real,
           &StepLosses<typename B::Real>::d_real);
    ops.pair_bce_gradient(gan.dlogits.at(rows.real), gan.dlogits.at(rows.fake), gan.p.at(rows.real),
                          rows.count);
  }
  template <Backend B>
  static void of_generator(const B& ops, Gan<B>& gan, const StepRows& rows) {
    gan.discriminator.forward(ops, gan.images.get(), gan.logits.get(), rows.real);
    prefer(ops, gan, rows.for_generator, rows.real, &StepLosses<typename B::Real>::loss_g,
           &StepLosses<typename B::Real>::d_g);
    ops.pair_bce_gradient(gan.dlogits.at(rows.for_generator), gan.dlogits.at(rows.real),
                          gan.p.at(rows.for_generator), rows.count);
  }

 private:
  // The loss of D's preference for the first of each pair, and the mean of its probabilities.
  template <Backend B, class Member>
  static void prefer(const B& ops, Gan<B>& gan, Rows first, Rows second, Member loss, Member p) {
    auto* const losses = gan.losses.get();
    ops.pair_bce(&(losses->*loss), &(losses->*p), gan.p.at(first), gan.logits.at(first),
                 gan.logits.at(second), first.count);
  }
};

}  // namespace gan::model
