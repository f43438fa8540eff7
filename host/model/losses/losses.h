// All losses.  A loss is a type with
//   kPairs                                 whether it depends on differences of logits only
//   of_discriminator(ops, gan, rows)       D's loss and its gradient in dlogits, after D's forward
//                                          pass of rows.seen
//   of_generator(ops, gan, rows)           G's loss and its gradient in dlogits, after D's forward
//                                          pass of rows.for_generator
// To add one, write its file, its value in gan_loss.h, its case below and its name in
// host/run/choices.h, and say in host/train/fused_steps.cpp whether the fused step has it.  One
// that judges pairs or has no label also concerns validate() (host/run) and Progress (host/cli).
#pragma once
#include <utility>

#include "host/model/losses/minimax.h"
#include "host/model/losses/non_saturating.h"
#include "host/model/losses/relativistic.h"

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
  }
}

}  // namespace gan::model
