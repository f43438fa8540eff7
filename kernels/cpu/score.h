// Losses that judge a logit itself, and their gradients.
#pragma once
#include "kernels/cpu/ops.h"

namespace gan {

template <class T>
T score_of(T z, Score score, T target) {
  switch (score) {
    case Score::squared:
      return (z - target) * (z - target) / 2;
    case Score::hinge:
      return target * z > 1 ? T{0} : 1 - target * z;  // NaN stays NaN
    case Score::linear:
      break;
  }
  return -target * z;
}

template <class T>
T score_slope(T z, Score score, T target) {
  switch (score) {
    case Score::squared:
      return z - target;
    case Score::hinge:
      return target * z < 1 ? -target : T{0};
    case Score::linear:
      break;
  }
  return -target;
}

template <class T>
void CpuOps<T>::score(T* loss, T* mean_z, const T* z, ScoreTarget<T> against, int B) const {
  if (B == 0) return;
  T loss_sum = 0, z_sum = 0;
  for (int i = 0; i < B; ++i) {
    loss_sum += score_of(z[i], against.score, against.target);
    z_sum += z[i];
  }
  *loss = loss_sum / static_cast<T>(B);
  *mean_z = z_sum / static_cast<T>(B);
}

template <class T>
void CpuOps<T>::score_gradient(T* dz, const T* z, ScoreTarget<T> against, int B) const {
  for (int i = 0; i < B; ++i)
    dz[i] = score_slope(z[i], against.score, against.target) / static_cast<T>(B);
}

}  // namespace gan
