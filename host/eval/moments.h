// Mean and covariance, and the linear algebra on them, in double.
#pragma once
#include <vector>

#include "host/eval/matrix.h"

namespace gan::eval {

struct Moments {
  std::vector<double> mean;        // (N)
  std::vector<double> covariance;  // (N, N), with n - 1
};

// samples: (n, N), n ≥ 2.
Moments moments_of(MatrixView samples);

// tr (AB)^½ of two symmetric, positive semidefinite matrices (N, N), as the sum of the square roots
// of the eigenvalues of A^½BA^½, which is symmetric, too.
double trace_of_root(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace gan::eval
