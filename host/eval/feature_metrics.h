// MetricGroups of images by their features.  They compare two sets of vectors, or look at one set
// of class probabilities, and know nothing of where these come from.
#pragma once

#include "host/eval/products.h"

namespace gan::eval {

// The Fréchet distance of two Gaussians with the means and covariances of the sets (Heusel et al.,
// "GANs trained by a two time-scale update rule …", 2017):
//   ‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2(Σ₁Σ₂)^½).
// a, b: (n, N), n ≥ 2.
double frechet_distance(MatrixView a, MatrixView b);

// Kernel distance (Bińkowski et al., "Demystifying MMD GANs", 2018): the unbiased estimate of the
// squared maximum mean discrepancy under k(x, y) = (x·y/N + 1)³.  It may be slightly negative.
// a, b: (n, N), n ≥ 2.
double kernel_distance(const Products& products, MatrixView a, MatrixView b);

// Precision and recall (Kynkäänniemi et al., "Improved precision and recall metric …", 2019),
// density and coverage (Naeem et al., "Reliable fidelity and diversity metrics …", 2020), from the
// balls that reach from each vector of a set to its k-th neighbour in that set:
//   precision  share of the samples in some ball of a real vector
//   recall     share of the real vectors in some ball of a sample
//   density    balls of real vectors that a sample is in, on average, over k
//   coverage   share of the real vectors with a sample in their ball
struct Neighbourhoods {
  double precision, recall, density, coverage;
};
// real: (n, N), samples: (m, N); n, m > k ≥ 1.
Neighbourhoods compare_neighbourhoods(const Products& products, MatrixView real, MatrixView samples,
                                      int k);

// exp of the mean KL(p(class|x) ‖ p(class)), from 1 to the number of classes: the inception score
// (Salimans et al., "Improved techniques for training GANs", 2016) with another classifier.
// probabilities: (n, classes), n ≥ 1.
double classifier_score(MatrixView probabilities);

// How evenly the most probable classes of the images are spread.
struct ClassCoverage {
  double kl_to_uniform;   // Σ q ln(q·classes) over the shares q, 0 when all are equal
  double smallest_share;  // 0 when a class is missing
};
ClassCoverage class_coverage(MatrixView probabilities);

}  // namespace gan::eval
