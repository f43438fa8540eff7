// The measure of the paper: the log-likelihood of test images under a Parzen window, a Gaussian of
// width σ around each sample (Goodfellow et al. 2014, section 5; Breuleux et al. 2011).  Beyond
// what real images score as samples, a higher one means nothing (Theis et al., "A note on the
// evaluation of generative models", 2016).
#pragma once
#include <vector>

#include "host/eval/products.h"

namespace gan::eval {

// Widths σ, evenly on a logarithmic scale.
struct SigmaGrid {
  double smallest = 0.1, largest = 1;
  int count = 10;  // at least 2

  std::vector<double> values() const;
};

// ln p(xᵢ) for each point, in nats, with
//   p(x) = (1/n) Σⱼ N(x; μⱼ, σ²I) = (1/n) Σⱼ exp(-‖x - μⱼ‖²/2σ²) / (σ√2π)ᴺ.
// samples: (n, N), the centres μ, n ≥ 1; points: (P, N).
std::vector<double> parzen_log_likelihoods(const Products& products, MatrixView samples,
                                           MatrixView points, double sigma);

// The σ of the grid at which the points have the highest mean log-likelihood.
double best_sigma(const Products& products, MatrixView samples, MatrixView points,
                  const SigmaGrid& grid);

// The images that a Parzen window is held against, and the widths it may have.
struct ParzenProtocol {
  MatrixView validation;  // chooses σ
  MatrixView test;        // is scored, by its mean
  SigmaGrid grid = {};
};

struct ParzenScore {
  double log_likelihood;  // mean over the test images, in nats
  double standard_error;  // of that mean
  double sigma;
  SigmaGrid grid;  // that σ is out of
  int samples;
};

ParzenScore parzen_score(const Products& products, MatrixView samples,
                         const ParzenProtocol& protocol);

}  // namespace gan::eval
