#pragma once
#include "host/model/losses/scores.h"

namespace gan::model {

// D minimises mean D(G(z₁)) - mean D(x), G -mean D(G(z₂)) (Arjovsky et al., ICML 2017,
// algorithm 1).  -(loss_real + loss_fake) estimates the distance of the two distributions, times
// the bound on D's slopes.
struct WassersteinLoss {
  // D's loss is a difference of logits.
  static constexpr bool kBiasCancels = true;

  template <Backend B>
  static void of_discriminator(const B& ops, Gan<B>& gan, const StepRows& rows) {
    score_apart(ops, gan, rows, {Score::linear, 1}, {Score::linear, -1});
  }
  template <Backend B>
  static void of_generator(const B& ops, Gan<B>& gan, const StepRows& rows) {
    score_generated(ops, gan, rows, {Score::linear, 1});
  }
};

}  // namespace gan::model
