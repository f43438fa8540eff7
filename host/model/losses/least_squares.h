#pragma once
#include "host/model/losses/scores.h"

namespace gan::model {

// D minimises ½·mean (D(x) - label)² + ½·mean D(G(z₁))², G ½·mean (D(G(z₂)) - 1)² (Mao et al.,
// ICCV 2017, eq. 9).
struct LeastSquaresLoss {
  static constexpr bool kBiasCancels = false;

  template <Backend B>
  static void of_discriminator(const B& ops, Gan<B>& gan, const StepRows& rows) {
    using Real = typename B::Real;
    score_apart(ops, gan, rows, {Score::squared, static_cast<Real>(gan.settings.real_label)},
                {Score::squared, 0});
  }
  template <Backend B>
  static void of_generator(const B& ops, Gan<B>& gan, const StepRows& rows) {
    score_generated(ops, gan, rows, {Score::squared, 1});
  }
};

}  // namespace gan::model
