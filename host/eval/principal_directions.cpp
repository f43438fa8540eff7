#include "host/eval/principal_directions.h"

#include <lapacke.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace gan::eval {
namespace {

std::size_t size_of(int rows, int columns) {
  return static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
}

// +1 or -1: the sign of the value that is largest in size.
double sign_of(std::span<const double> vector) {
  const auto largest =
      std::ranges::max_element(vector, {}, [](double value) { return std::abs(value); });
  return *largest < 0 ? -1 : 1;
}

}  // namespace

PrincipalDirections principal_directions(std::span<const float> w, int out, int in, int most) {
  // Row-major w is column-major wᵀ, whose left singular vectors are contiguous.
  std::vector<double> transposed(w.begin(), w.end());
  const int all = std::min(out, in), count = std::min(most, all);
  std::vector<double> sigma(static_cast<std::size_t>(all)), left(size_of(all, in)),
      right(size_of(all, out));
  if (LAPACKE_dgesdd(LAPACK_COL_MAJOR, 'S', in, out, transposed.data(), in, sigma.data(),
                     left.data(), in, right.data(), all) != 0)
    throw std::runtime_error("the singular values of its first layer cannot be found");
  const double total = std::inner_product(sigma.begin(), sigma.end(), sigma.begin(), 0.0);
  PrincipalDirections principal;
  for (int k = 0; k < count; ++k) {
    const auto vector = std::span(left).subspan(size_of(k, in), static_cast<std::size_t>(in));
    const double sign = sign_of(vector), s = sigma[static_cast<std::size_t>(k)];
    for (const double value : vector)
      principal.directions.push_back(static_cast<float>(sign * value));
    principal.shares.push_back(total > 0 ? static_cast<float>(s * s / total) : 0.F);
  }
  return principal;
}

}  // namespace gan::eval
