// The latent vectors z that a generator draws from.
#pragma once
#include <cmath>
#include <cstddef>

#include "kernels/ops.h"

namespace gan::model {

// Of mean 0 and variance 1.
enum class LatentDistribution { normal, uniform };

// z of so many values, from N(0, 1) or U(±√3), for step clock->step.
template <class Ops>
void draw_latents(const Ops& ops, typename Ops::Real* z, std::size_t n,
                  LatentDistribution distribution, RandomSource source, const Clock* clock) {
  if (distribution == LatentDistribution::normal) return ops.normal(z, n, source, clock);
  ops.uniform_noise(z, n, static_cast<typename Ops::Real>(std::sqrt(3.0)), source, clock);
}

}  // namespace gan::model
