// What the losses that judge images one by one share: D's loss, and G's for a given target.
#pragma once
#include "host/model/gan.h"
#include "host/model/step_rows.h"

namespace gan::model {

// BCE(D(x), label) + BCE(D(G(z₁)), 0), and its gradient in dlogits (Goodfellow et al. 2014, eq. 1).
template <Backend B>
void tell_real_from_generated(const B& ops, Gan<B>& gan, const StepRows& rows) {
  using Real = typename B::Real;
  auto* const losses = gan.losses.get();
  const BceTarget<Real> real{static_cast<Real>(gan.settings.real_label)}, fake{0};
  ops.bce(&losses->loss_real, &losses->d_real, gan.p.at(rows.real), gan.logits.at(rows.real), real,
          rows.count);
  ops.bce(&losses->loss_fake, &losses->d_fake, gan.p.at(rows.fake), gan.logits.at(rows.fake), fake,
          rows.count);
  ops.bce_gradient(gan.dlogits.at(rows.real), gan.p.at(rows.real), real, rows.count);
  ops.bce_gradient(gan.dlogits.at(rows.fake), gan.p.at(rows.fake), fake, rows.count);
}

// G's loss BCE(D(G(z₂)), target), and its gradient in dlogits.
template <Backend B>
void aim_for(const B& ops, Gan<B>& gan, const StepRows& rows,
             const BceTarget<typename B::Real>& target) {
  auto* const losses = gan.losses.get();
  const Rows at = rows.for_generator;
  ops.bce(&losses->loss_g, &losses->d_g, gan.p.at(at), gan.logits.at(at), target, rows.count);
  ops.bce_gradient(gan.dlogits.at(at), gan.p.at(at), target, rows.count);
}

}  // namespace gan::model
