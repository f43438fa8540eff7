#pragma once
#include "host/model/losses/single_images.h"

namespace gan::model {

// G maximises ln D(G(z)) (Goodfellow et al. 2014, section 3).
struct NonSaturatingLoss {
  static constexpr bool kBiasCancels = false;

  template <Backend B>
  static void of_discriminator(const B& ops, Gan<B>& gan, const StepRows& rows) {
    tell_real_from_generated(ops, gan, rows);
  }
  template <Backend B>
  static void of_generator(const B& ops, Gan<B>& gan, const StepRows& rows) {
    aim_for(ops, gan, rows, {1});
  }
};

}  // namespace gan::model
