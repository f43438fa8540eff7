// Twenty steps as PyTorch takes them (tools/make_golden_trace.py).
#include <gtest/gtest.h>

#include <map>
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

// Every array of a network that the trace has.
template <class B>
void expect_network(const B& backend, const Network<B>& network, const nlohmann::json& expected,
                    double tolerance) {
  const std::map<std::string, const typename B::Real*> arenas = {
      {"parameters", network.parameters.get()},
      {"moment1", network.moment1.get()},
      {"moment2", network.moment2.get()}};
  ASSERT_EQ(expected.size(), network.shape.tensors().size());
  for (const NamedTensor& tensor : network.shape.tensors())
    for (const auto& [name, digest] : expected.at(tensor.name).items()) {
      SCOPED_TRACE(tensor.name + " " + name);
      expect_tensor(downloaded(backend, arenas.at(name) + tensor.offset, tensor.size()), digest,
                    tolerance);
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

// How the script trains in its games.
void adam(StepSettings& settings, double rate, double beta1 = 0.9, double beta2 = 0.999) {
  settings.generator = settings.discriminator = {.rate = rate, .beta1 = beta1, .beta2 = beta2};
}
void rmsprop(StepSettings& settings, double rate) {
  settings.optimiser = Optimiser::rmsprop;
  adam(settings, rate, 0, 0.9);
}
void sgd(StepSettings& settings, double rate, double momentum) {
  settings.optimiser = Optimiser::sgd;
  settings.generator.rate = settings.discriminator.rate = rate;
  settings.momentum = {momentum, momentum};
}

struct Game {
  const char* name;
  GanLoss loss;
  void (*change)(StepSettings& settings);
  int maxout = 1, classes = 0;
};
constexpr Game kGames[] = {
    {"least-squares", GanLoss::least_squares,
     [](StepSettings& s) {
       adam(s, 1e-3);
       s.real_label = 0.9;
     }},
    {"hinge", GanLoss::hinge, [](StepSettings& s) { sgd(s, 0.5, 0.5); }},
    {"pairs, R1 and R2", GanLoss::relativistic,
     [](StepSettings& s) {
       sgd(s, 0.2, 0.25);
       s.r1 = 0.5;
       s.r2 = 0.25;
     }},
    {"R1", GanLoss::non_saturating,
     [](StepSettings& s) {
       adam(s, 1e-3);
       s.r1 = 0.5;
     }},
    {"WGAN", GanLoss::wasserstein,
     [](StepSettings& s) {
       sgd(s, 0.2, 0.5);
       s.clip = 0.125;
       s.d_steps = 3;
     }},
    {"WGAN-GP", GanLoss::wasserstein,
     [](StepSettings& s) {
       adam(s, 1e-3, 0, 0.9);
       s.generator.epsilon = s.discriminator.epsilon = 1e-4;
       s.gradient_penalty = 10;
       s.d_steps = 2;
     }},
    {"RMSProp", GanLoss::non_saturating, [](StepSettings& s) { rmsprop(s, 1e-3); }},
    {"gradient penalty", GanLoss::non_saturating,
     [](StepSettings& s) {
       sgd(s, 0.2, 0);
       s.gradient_penalty = 2;
     }},
    {"at once", GanLoss::non_saturating,
     [](StepSettings& s) {
       sgd(s, 0.2, 0.5);
       s.simultaneous = true;
       s.r2 = 0.5;
     }},
    {"pairs at once", GanLoss::relativistic,
     [](StepSettings& s) {
       sgd(s, 0.2, 0.25);
       s.simultaneous = true;
       s.gradient_penalty = 2;
       s.d_steps = 2;
     }},
    // With masks of D's input and hidden layers, a momentum that grows by epochs of three steps,
    // and both updates at once.
    {"paper", GanLoss::non_saturating,
     [](StepSettings& s) {
       sgd(s, 0.1, 0);
       s.simultaneous = true;
       s.momentum = {0.5, 0.75, 2, 3};
       s.dropout = 0.5;
       s.input_dropout = 0.25;
       s.latent = LatentDistribution::uniform;
     },
     3},
    // Whose embeddings have the series after those of the layers.
    {"conditional", GanLoss::relativistic,
     [](StepSettings& s) {
       sgd(s, 0.2, 0.25);
       s.gradient_penalty = 2;
     },
     1, 3},
};

// A loss near 0 is a difference of larger numbers.
template <class B>
void expect_golden_games(const B& backend, Tolerances tolerance) {
  ASSERT_EQ(golden().at("games").size(), std::size(kGames));
  for (const Game& game : kGames) {
    SCOPED_TRACE(game.name);
    TrainingSetup setup = small_setup();
    setup.discriminator_maxout = game.maxout;
    setup.discriminator_slope = game.maxout > 1 ? 0 : 0.2;
    setup.classes = game.classes;
    setup.settings.loss = game.loss;
    game.change(setup.settings);
    Training<B> training(backend, setup, Training<B>::Weights::formula);
    const nlohmann::json& expected = golden().at("games").at(game.name);
    for (const nlohmann::json& step : expected.at("losses")) {
      training.step();
      const auto losses = training.losses();
      const double actual[] = {losses.loss_real, losses.loss_fake, losses.penalty, losses.loss_g};
      for (std::size_t i = 0; i < std::size(actual); ++i)
        EXPECT_NEAR(actual[i], step[i], tolerance.losses * (1 + std::abs(step[i].get<double>())))
            << "loss " << i;
    }
    expect_network(backend, training.gan.generator, expected.at("generator"), tolerance.tensors);
    expect_network(backend, training.gan.discriminator, expected.at("discriminator"),
                   tolerance.tensors);
  }
}

using GoldenTrace = OnBackend<FormulaNoise<TestedBackend>>;

// 1e-6 is 17 roundings of a float, where a loss takes some sums of 20 numbers.
TEST_F(GoldenTrace, InFloat) {
  expect_golden(backend(), {.losses = 1e-6, .tensors = 1e-5});
}

TEST_F(GoldenTrace, OfEveryGameInFloat) {
  expect_golden_games(backend(), {.losses = 1e-6, .tensors = 1e-5});
}

#ifndef GAN_TEST_CUDA
TEST(GoldenTraceReference, OfEveryGameInDouble) {
  expect_golden_games(FormulaNoise<CpuBackend<double>>(), {.losses = 1e-9, .tensors = 1e-9});
}

TEST(GoldenTraceReference, InDouble) {
  expect_golden(FormulaNoise<CpuBackend<double>>(), {.losses = 1e-9, .tensors = 1e-9});
}
#endif

}  // namespace
}  // namespace gan::model
