#include "host/eval/moments.h"

#include <lapacke.h>

#include <cmath>
#include <stdexcept>

#include "kernels/cpu/ops.h"

namespace gan::eval {
namespace {

using Vector = std::vector<double>;

const CpuOps<double> ops;

int order_of(const Vector& square) {
  return static_cast<int>(std::lround(std::sqrt(static_cast<double>(square.size()))));
}

Vector product(const Vector& a, Transpose op_a, const Vector& b) {
  const int n = order_of(a);
  Vector c(a.size());
  ops.gemm(c.data(), op_a, a.data(), Transpose::no, b.data(), n, n, n);
  return c;
}

struct Eigen {
  Vector values;
  Vector vectors;  // one a row
};

Eigen eigen_of(Vector symmetric) {
  const int n = order_of(symmetric);
  Vector values(static_cast<std::size_t>(n));
  // Column-major eigenvectors in columns are row-major ones in rows.
  if (LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'L', n, symmetric.data(), n, values.data()) != 0)
    throw std::runtime_error("the eigenvalues of a covariance cannot be found");
  return {std::move(values), std::move(symmetric)};
}

// Rounding may leave an eigenvalue of a semidefinite matrix below 0.
double root(double eigenvalue) {
  return std::sqrt(std::max(eigenvalue, 0.0));
}

// Qᵀ·diag(√λ)·Q.
Vector root_of(const Vector& symmetric) {
  const Eigen eigen = eigen_of(symmetric);
  const std::size_t n = eigen.values.size();
  Vector scaled = eigen.vectors;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) scaled[i * n + j] *= root(eigen.values[i]);
  return product(eigen.vectors, Transpose::yes, scaled);
}

}  // namespace

Moments moments_of(MatrixView samples) {
  const auto N = static_cast<std::size_t>(samples.columns);
  Moments moments{Vector(N), Vector(N * N)};
  for (int i = 0; i < samples.rows; ++i)
    for (std::size_t j = 0; j < N; ++j) moments.mean[j] += static_cast<double>(samples.row(i)[j]);
  for (double& value : moments.mean) value /= samples.rows;
  Vector centred(samples.size());
  for (std::size_t i = 0; i < centred.size(); ++i)
    centred[i] = samples.values[i] - moments.mean[i % N];
  ops.gemm(moments.covariance.data(), Transpose::yes, centred.data(), Transpose::no, centred.data(),
           samples.columns, samples.columns, samples.rows);
  for (double& value : moments.covariance) value /= samples.rows - 1;
  return moments;
}

double trace_of_root(const Vector& a, const Vector& b) {
  const Vector root_a = root_of(a);
  double trace = 0;
  for (const double value :
       eigen_of(product(root_a, Transpose::no, product(b, Transpose::no, root_a))).values)
    trace += root(value);
  return trace;
}

}  // namespace gan::eval
