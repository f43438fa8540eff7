// Twenty steps as PyTorch takes them (tools/make_golden_trace.py).
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "golden_trace.h"
#include "tests/kernels/backends.h"
#include "tests/model/training.h"

namespace gan::model {
namespace {

const nlohmann::json& golden() {
  static const nlohmann::json trace = nlohmann::json::parse(kGoldenTrace);
  return trace;
}

struct Tolerances {
  double losses, tensors;  // relative; a tensor's in norm
};

// If ‖x - y‖ ≤ tolerance·‖y‖, then their norms and, by Cauchy and Schwarz, their sums with n
// weights in ±1 lie no further apart than tolerance·‖y‖·√n.
template <class Real>
void expect_tensor(const std::vector<Real>& x, const nlohmann::json& expected, double tolerance) {
  const double size = expected["norm"];
  EXPECT_NEAR(norm(x), size, tolerance * size);
  std::vector<double> sums(expected["checksums"].size(), 0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    sums[0] += static_cast<double>(x[i]);
    for (std::size_t c = 1; c < sums.size(); ++c)
      sums[c] += static_cast<double>(x[i]) * formula(kChecksumSeries + c - 1, i);
  }
  for (std::size_t c = 0; c < sums.size(); ++c)
    EXPECT_NEAR(sums[c], expected["checksums"][c],
                tolerance * size * std::sqrt(static_cast<double>(x.size())))
        << "checksum " << c;
}

template <class B>
void expect_network(const B& backend, const Network<B>& network, const nlohmann::json& expected,
                    double tolerance) {
  ASSERT_EQ(expected.size(), network.shape.tensors().size());
  for (const NamedTensor& tensor : network.shape.tensors())
    for (const auto& [name, arena] : {std::pair{"parameters", network.parameters.get()},
                                      {"moment1", network.moment1.get()},
                                      {"moment2", network.moment2.get()}}) {
      SCOPED_TRACE(tensor.name + " " + name);
      expect_tensor(downloaded(backend, arena + tensor.offset, tensor.size()),
                    expected.at(tensor.name).at(name), tolerance);
    }
}

template <class B>
void expect_golden(const B& backend, Tolerances tolerance) {
  Training<B> training(backend, small_setup(), Training<B>::Weights::formula);
  const nlohmann::json& steps = golden().at("losses");
  ASSERT_EQ(steps.size(), 20u);
  for (std::size_t step = 0; step < steps.size(); ++step) {
    training.step();
    const auto losses = training.losses();
    const double actual[] = {losses.loss_real, losses.loss_fake, losses.loss_g,
                             losses.d_real,    losses.d_fake,    losses.d_g};
    for (std::size_t i = 0; i < std::size(actual); ++i) {
      const double expected = steps[step][i];
      EXPECT_NEAR(actual[i], expected, tolerance.losses * expected) << "step " << step << ", " << i;
    }
  }
  expect_network(backend, training.gan.generator, golden().at("generator"), tolerance.tensors);
  expect_network(backend, training.gan.discriminator, golden().at("discriminator"),
                 tolerance.tensors);
}

using GoldenTrace = OnBackend<FormulaNoise<TestedBackend>>;

// 1e-6 is 17 roundings of a float, where a loss takes some sums of 20 numbers.
TEST_F(GoldenTrace, InFloat) {
  expect_golden(backend(), {.losses = 1e-6, .tensors = 1e-5});
}

#ifndef GAN_TEST_CUDA
TEST(GoldenTraceReference, InDouble) {
  expect_golden(FormulaNoise<CpuBackend<double>>(), {.losses = 1e-9, .tensors = 1e-9});
}
#endif

}  // namespace
}  // namespace gan::model
