// The directions of the latent space that change a generator's first layer most.
#pragma once
#include <span>
#include <vector>

namespace gan::eval {

struct PrincipalDirections {
  std::vector<float> directions;  // (K, in): unit vectors at right angles, the strongest first
  std::vector<float> shares;      // (K): of the variance of w·z along each
};

// The principal components of w·z for z ~ N(0, 1), as directions of z: the right singular vectors
// of w, with shares σ² / Σσ² (Shen and Zhou, "Closed-Form Factorization of Latent Semantics in
// GANs", 2021).  w: (out, in), finite; K = min(most, out, in).  The largest value of each direction
// is positive.  Throws std::runtime_error when they cannot be found.
PrincipalDirections principal_directions(std::span<const float> w, int out, int in, int most);

}  // namespace gan::eval
