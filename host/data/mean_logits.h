#pragma once
#include <vector>

#include "host/data/idx.h"

namespace gan::data {

// ln(m/(1 - m)) of every pixel's mean m over the images, with m in [1e-7, 1 - 1e-7]: the biases by
// which a Sigmoid layer gives the mean image (goodfeli/adversarial, init_bias_target_marginals).
std::vector<float> mean_logits(const Images& images);

}  // namespace gan::data
