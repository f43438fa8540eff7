#pragma once
#include "host/eval/matrix.h"

namespace gan::eval {

// Points along the great circle from a to b, both included (Shoemake 1985, section 3.3):
//   z(t) = sin((1 - t)Ω)/sin Ω · a + sin(tΩ)/sin Ω · b,  t = 0, 1/(steps - 1), …, 1,
// Ω the angle between them.  So a point half-way between two latents is about as long as they are,
// where G was trained (White 2016).  Parallel latents are joined by a straight line.
// ends: (2·pairs, latent), rows 2p and 2p + 1 the ends of pair p; returns (pairs·steps, latent),
// steps ≥ 2.
Matrix spherical_paths(MatrixView ends, int steps);

// Points on the straight line from a to b, in the same places: (1 - t)·a + t·b.
Matrix straight_paths(MatrixView ends, int steps);

}  // namespace gan::eval
