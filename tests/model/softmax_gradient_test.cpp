// Softmax cross-entropy's gradient against central differences of its loss.
#include <gtest/gtest.h>

#include "host/model/cpu_backend.h"
#include "tests/model/gradient_check.h"

namespace gan::model {
namespace {

TEST(OperationGradients, SoftmaxCrossEntropy) {
  constexpr int B = 4, N = 5;
  const CpuBackend<double> ops;
  const std::vector<std::uint8_t> t = {0, 4, 2, 2};
  std::vector<double> z(B * N), p(B * N), dz(B * N);
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = 3 * formula(1, i);
  double loss = 0;
  const auto cross_entropy = [&] {
    ops.softmax_cross_entropy(&loss, p.data(), z.data(), t.data(), B, N);
    return loss;
  };
  cross_entropy();
  ops.softmax_cross_entropy_gradient(dz.data(), p.data(), t.data(), B, N);
  expect_gradient(dz, central_differences(z.data(), B * N, cross_entropy));
}

}  // namespace
}  // namespace gan::model
