// All losses.  A loss is a type with
//   kBiasCancels                           whether it depends on differences of logits only
//   of_discriminator(ops, gan, rows)       D's loss and its gradient in dlogits, after D's forward
//                                          pass of rows.seen
//   of_generator(ops, gan, rows)           G's loss and its gradient in dlogits, after D's forward
//                                          pass of rows.for_generator
// To add one, write its file, its value in gan_loss.h with what it takes D's output for, its case
// below and its name in host/run/choices.h, and say in host/train/fused_steps.cpp whether the fused
// step has it.
#pragma once
#include <utility>

#include "host/model/losses/hinge.h"
#include "host/model/losses/least_squares.h"
#include "host/model/losses/minimax.h"
#include "host/model/losses/non_saturating.h"
#include "host/model/losses/relativistic.h"
#include "host/model/losses/wasserstein.h"

namespace gan::model {

// use(Loss{}) for the type of this loss.
template <class Use>
void with_loss(GanLoss loss, const Use& use) {
  switch (loss) {
    case GanLoss::non_saturating:
      return use(NonSaturatingLoss{});
    case GanLoss::minimax:
      return use(MinimaxLoss{});
    case GanLoss::relativistic:
      return use(RelativisticLoss{});
    case GanLoss::least_squares:
      return use(LeastSquaresLoss{});
    case GanLoss::hinge:
      return use(HingeLoss{});
    case GanLoss::wasserstein:
      return use(WassersteinLoss{});
  }
}

}  // namespace gan::model
