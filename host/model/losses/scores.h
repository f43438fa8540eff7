// What the losses share that take D's output for a score of any size: D's loss, and G's.
#pragma once
#include "host/model/gan.h"
#include "host/model/step_rows.h"

namespace gan::model {

// mean φ(D(x), t) + mean φ(D(G(z₁)), t'), for a score φ against the targets t and t', and its
// gradient in dlogits.
template <Backend B>
void score_apart(const B& ops, Gan<B>& gan, const StepRows& rows,
                 const ScoreTarget<typename B::Real>& real,
                 const ScoreTarget<typename B::Real>& fake) {
  auto* const losses = gan.losses.get();
  ops.score(&losses->loss_real, &losses->d_real, gan.logits.at(rows.real), real, rows.count);
  ops.score(&losses->loss_fake, &losses->d_fake, gan.logits.at(rows.fake), fake, rows.count);
  ops.score_gradient(gan.dlogits.at(rows.real), gan.logits.at(rows.real), real, rows.count);
  ops.score_gradient(gan.dlogits.at(rows.fake), gan.logits.at(rows.fake), fake, rows.count);
}

// G's loss mean φ(D(G(z₂)), t), and its gradient in dlogits.
template <Backend B>
void score_generated(const B& ops, Gan<B>& gan, const StepRows& rows,
                     const ScoreTarget<typename B::Real>& target) {
  auto* const losses = gan.losses.get();
  const Rows at = rows.for_generator;
  ops.score(&losses->loss_g, &losses->d_g, gan.logits.at(at), target, rows.count);
  ops.score_gradient(gan.dlogits.at(at), gan.logits.at(at), target, rows.count);
}

}  // namespace gan::model
