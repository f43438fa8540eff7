#pragma once
#include "host/model/losses/scores.h"

namespace gan::model {

// D minimises mean max(0, 1 - D(x)) + mean max(0, 1 + D(G(z₁))), G -mean D(G(z₂)) (Lim and Ye,
// "Geometric GAN", 2017, section 3.2).
struct HingeLoss {
  static constexpr bool kBiasCancels = false;

  template <Backend B>
  static void of_discriminator(const B& ops, Gan<B>& gan, const StepRows& rows) {
    score_apart(ops, gan, rows, {Score::hinge, 1}, {Score::hinge, -1});
  }
  template <Backend B>
  static void of_generator(const B& ops, Gan<B>& gan, const StepRows& rows) {
    score_generated(ops, gan, rows, {Score::linear, 1});
  }
};

}  // namespace gan::model
