// Training over several steps, in each backend.
#include "host/model/train_step.h"

#include <gtest/gtest.h>

#include "tests/kernels/arrays.h"
#include "tests/kernels/backends.h"
#include "tests/model/training.h"

namespace gan::model {
namespace {

using TrainStep = BackendTest;

// Trains with another order in every epoch, as a run does.
template <class B>
void train(const B& backend, Training<B>& training, int steps) {
  constexpr int kImages = 21;
  const auto order = backend.template allocate<std::uint32_t>(kImages);
  const auto storage =
      backend.template allocate<std::uint8_t>(backend.permutation_storage(kImages));
  for (int step = 0; step < steps; ++step) {
    if (step % 3 == 0) {
      backend.permutation(order.get(), storage.get(), kImages, {1, RandomStream::batch_order},
                          static_cast<std::uint64_t>(step / 3));
      training.set_order(downloaded(backend, order.get(), kImages));
    }
    training.step();
  }
}

// All that a run carries on, bit by bit.
template <class B>
std::vector<std::vector<float>> state_of(const B& backend, const Gan<B>& gan) {
  std::vector<std::vector<float>> state;
  for (const Network<B>* network : {&gan.generator, &gan.discriminator})
    for (const auto* arena : {&network->parameters, &network->moment1, &network->moment2})
      state.push_back(downloaded(backend, arena->get(), network->shape.arena));
  for (const auto& losses : downloaded(backend, gan.ring.get(), 4))
    state.push_back({losses.loss_real, losses.d_real, losses.loss_fake, losses.d_fake,
                     losses.loss_g, losses.d_g, losses.penalty});
  return state;
}

TEST_F(TrainStep, SameSeedSameBytes) {
  Training<TestedBackend> first(backend(), small_setup()), second(backend(), small_setup());
  train(backend(), first, 10);
  train(backend(), second, 10);
  EXPECT_EQ(state_of(backend(), first.gan), state_of(backend(), second.gan));

  TrainingSetup other = small_setup();
  other.settings.seed = 2;
  Training<TestedBackend> third(backend(), other);
  train(backend(), third, 10);
  EXPECT_NE(state_of(backend(), first.gan), state_of(backend(), third.gan));
}

TEST_F(TrainStep, RecordsItsLossesInTheRingAndMovesTheClock) {
  Training<TestedBackend> training(backend(), small_setup());
  std::vector<float> recent(4);
  for (std::size_t step = 0; step < 6; ++step) {
    training.step();
    recent[step % 4] = training.losses().loss_g;
  }
  const auto ring = downloaded(backend(), training.gan.ring.get(), 4);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(ring[i].loss_g, recent[i]);
  EXPECT_EQ(downloaded(backend(), training.gan.clock.get(), 1).front().step, 6u);
}

TEST_F(TrainStep, LeavesTheGapsOfTheArenasAtZero) {
  Training<TestedBackend> training(backend(), small_setup());
  training.steps(4);
  for (const auto* network : {&training.gan.generator, &training.gan.discriminator})
    for (const auto* array : {&network->parameters, &network->moment1, &network->moment2}) {
      auto arena = downloaded(backend(), array->get(), network->shape.arena);
      for (const NamedTensor& tensor : network->shape.tensors())
        std::fill_n(arena.begin() + static_cast<std::ptrdiff_t>(tensor.offset), tensor.size(), 0.f);
      EXPECT_EQ(norm(arena), 0);
    }
}

// The first weights are the first average; D and G's own training do not depend on it.
TEST_F(TrainStep, AveragesTheGeneratorsWeights) {
  TrainingSetup with = small_setup(), without = small_setup();
  with.settings.averaging = {.decay = 0.75};
  without.settings.averaging = {.decay = 0};
  Training<TestedBackend> training(backend(), with), plain(backend(), without);
  const std::size_t n = training.gan.generator.shape.arena;
  const auto average = [&] { return downloaded(backend(), training.gan.average.get(), n); };
  const auto weights = [&] {
    return downloaded(backend(), training.gan.generator.parameters.get(), n);
  };
  auto expected = average();
  EXPECT_EQ(expected, weights());
  for (int step = 0; step < 3; ++step) {
    training.step();
    plain.step();
    const auto now = weights();
    for (std::size_t i = 0; i < n; ++i) expected[i] += 0.25f * (now[i] - expected[i]);
    EXPECT_LE(distance(average(), expected), 1e-6 * norm(expected));
  }
  EXPECT_NE(expected, weights());
  EXPECT_EQ(state_of(backend(), training.gan), state_of(backend(), plain.gan));
}

// G moves in every third step alone, and its own clock counts those.
TEST_F(TrainStep, UpdatesTheGeneratorInItsTurn) {
  TrainingSetup setup = small_setup();
  setup.settings.d_steps = 3;
  setup.settings.averaging = {.decay = 0.75, .start = Averaging::Start::as_mean};
  Training<TestedBackend> training(backend(), setup);
  const Gan<TestedBackend>& gan = training.gan;
  const auto arena = [&](const auto& values) {
    return downloaded(backend(), values.get(), gan.generator.shape.arena);
  };
  auto before = arena(gan.generator.parameters);
  for (int step = 1; step <= 7; ++step) {
    SCOPED_TRACE(step);
    training.step();
    const auto after = arena(gan.generator.parameters);
    EXPECT_EQ(after != before, step % 3 == 0);
    EXPECT_EQ(training.losses().loss_g != 0, step % 3 == 0);
    EXPECT_EQ(training.losses().d_g != 0, step % 3 == 0);
    before = after;
    if (step == 3) {
      EXPECT_EQ(arena(gan.average), after) << "the mean of one update is that update";
    }
  }
  const auto clocks = downloaded(backend(), gan.clock.get(), 2);
  EXPECT_EQ(clocks[0].step, 7u);
  EXPECT_EQ(clocks[1].step, 2u);
}

// What a run resumes with at any step, in the middle of a turn of D or not.
TEST_F(TrainStep, SetsBothClocksAtAnyStep) {
  TrainingSetup setup = small_setup();
  setup.settings.d_steps = 3;
  setup.settings.schedule = {Decay::linear, 15, 0};
  Training<TestedBackend> training(backend(), setup), set(backend(), setup);
  for (std::uint64_t step = 1; step <= 7; ++step) {
    training.step();
    set.gan.set_clock(backend(), step);
    const auto expected = downloaded(backend(), training.gan.clock.get(), 2);
    const auto actual = downloaded(backend(), set.gan.clock.get(), 2);
    for (std::size_t i = 0; i < 2; ++i) {
      EXPECT_EQ(actual[i].step, expected[i].step);
      EXPECT_NEAR(actual[i].rate, expected[i].rate, 1e-12 * expected[i].rate);
      EXPECT_NEAR(actual[i].scale, expected[i].scale, 1e-12 * expected[i].scale);
    }
  }
}

TEST_F(TrainStep, BeginsInTheRangesAndWithTheBiasesAskedFor) {
  TrainingSetup setup = small_setup();
  setup.settings.generator_range = 0.25;
  setup.settings.discriminator_range = 0.0625;
  Training<TestedBackend> training(backend(), setup);
  std::vector<float> biases(static_cast<std::size_t>(setup.pixels));
  for (std::size_t i = 0; i < biases.size(); ++i) biases[i] = static_cast<float>(i) / 8;
  training.gan.initialise(backend(), biases);
  const auto expect_range = [&](const Network<TestedBackend>& network, float range) {
    for (const Layer& layer : network.shape.layers) {
      const auto at = [&](std::size_t offset, int n) {
        return downloaded(backend(), network.parameters.get() + offset,
                          static_cast<std::size_t>(n));
      };
      float most = 0;
      for (const float w : at(layer.weight, layer.linear() * layer.in))
        most = std::max(most, std::abs(w));
      EXPECT_LT(most, range);
      EXPECT_GT(most, 0.8f * range);
      const bool is_last = &network == &training.gan.generator && layer.out == setup.pixels;
      EXPECT_EQ(at(layer.bias, layer.linear()),
                is_last ? biases : std::vector<float>(static_cast<std::size_t>(layer.linear())));
    }
  };
  expect_range(training.gan.generator, 0.25f);
  expect_range(training.gan.discriminator, 0.0625f);
  const auto average =
      downloaded(backend(), training.gan.average.get(), training.gan.generator.shape.arena);
  EXPECT_EQ(average,
            downloaded(backend(), training.gan.generator.parameters.get(), average.size()));
}

TEST_F(TrainStep, ClipsTheDiscriminatorAlone) {
  TrainingSetup setup = small_setup();
  setup.settings.clip = 0.05;
  Training<TestedBackend> training(backend(), setup);
  training.steps(2);
  const auto largest = [&](const auto& network) {
    float most = 0;
    for (const float w : downloaded(backend(), network.parameters.get(), network.shape.arena))
      most = std::max(most, std::abs(w));
    return most;
  };
  EXPECT_EQ(largest(training.gan.discriminator), 0.05f);
  EXPECT_GT(largest(training.gan.generator), 0.1f);
}

// The error of a network's weights, relative to how far they have moved.
template <class Network, class ReferenceNetwork>
double relative_error(const TestedBackend& backend, const Network& network,
                      const ReferenceNetwork& exact, const Values& start) {
  const auto weights = downloaded(backend, network.parameters.get(), network.shape.arena);
  const auto expected = downloaded(reference, exact.parameters.get(), exact.shape.arena);
  return distance(weights, expected) / distance(expected, start);
}

// A gradient carries relative errors of some 1e-6, from sums of up to 21 products in each of five
// layers; Adam's division by √v makes of them the same relative errors of a weight's movement, but
// for the few weights whose gradient is nearly 0.  The errors of 50 steps add up at most.
TEST_F(TrainStep, StaysNearTheReference) {
  constexpr int kSteps = 50;
  constexpr double kTolerance = kSteps * 1e-6;
  Training<TestedBackend> training(backend(), small_setup());
  Training<Reference> exact(reference, small_setup());
  const auto weights_of = [](const Network<Reference>& network) {
    return downloaded(reference, network.parameters.get(), network.shape.arena);
  };
  const Values generator = weights_of(exact.gan.generator);
  const Values discriminator = weights_of(exact.gan.discriminator);
  train(backend(), training, kSteps);
  train(reference, exact, kSteps);
  EXPECT_LE(relative_error(backend(), training.gan.generator, exact.gan.generator, generator),
            kTolerance);
  EXPECT_LE(
      relative_error(backend(), training.gan.discriminator, exact.gan.discriminator, discriminator),
      kTolerance);
}

// Every way to train, alone and all that go together.
std::vector<std::pair<const char*, TrainingSetup>> ways() {
  std::vector<std::pair<const char*, TrainingSetup>> all = {{"plain", small_setup()}};
  const auto add = [&all](const char* name, auto change) {
    TrainingSetup setup = small_setup();
    change(setup);
    all.emplace_back(name, setup);
  };
  const auto everything = [](TrainingSetup& setup) {
    setup.generator_slope = setup.discriminator_slope = 0.2;
    setup.settings.dropout = 0.3;
    setup.settings.r1 = 0.5;
    setup.settings.r2 = 0.25;
    setup.settings.schedule = {Decay::cosine, 15, 0.1};
  };
  add("leaky", [](auto& s) { s.generator_slope = s.discriminator_slope = 0.2; });
  add("smoothed labels", [](auto& s) { s.settings.real_label = 0.9; });
  add("dropout", [](auto& s) { s.settings.dropout = 0.3; });
  add("minimax", [](auto& s) { s.settings.loss = GanLoss::minimax; });
  add("relativistic", [](auto& s) { s.settings.loss = GanLoss::relativistic; });
  add("R1", [](auto& s) { s.settings.r1 = 0.5; });
  add("R2", [](auto& s) { s.settings.r2 = 0.5; });
  add("least squares", [](auto& s) { s.settings.loss = GanLoss::least_squares; });
  // Biases cancel in these losses, in the hinge's as long as no logit leaves the margin.  SGD makes
  // no steps of the rounding errors that are left.
  const auto by_sgd = [](TrainingSetup& setup) {
    setup.settings.optimiser = Optimiser::sgd;
    setup.settings.momentum = {0.5, 0.75, 4, 3};
    setup.settings.generator.rate = setup.settings.discriminator.rate = 0.1;
  };
  add("hinge", [&](auto& s) {
    by_sgd(s);
    s.settings.loss = GanLoss::hinge;
  });
  add("clipped wasserstein", [&](auto& s) {
    by_sgd(s);
    s.settings.loss = GanLoss::wasserstein;
    s.settings.clip = 0.1;
  });
  add("wasserstein between images", [&](auto& s) {
    by_sgd(s);
    s.settings.loss = GanLoss::wasserstein;
    s.settings.gradient_penalty = 2;
  });
  add("gradient penalty", [](auto& s) { s.settings.gradient_penalty = 2; });
  add("falling penalty", [](auto& s) {
    s.settings.gradient_penalty = 2;
    s.settings.penalty_schedule = {Decay::linear, 15, 0};
  });
  add("maxout", [](auto& s) { s.discriminator_maxout = 3; });
  add("dropped input", [](auto& s) { s.settings.input_dropout = 0.2; });
  add("uniform z", [](auto& s) { s.settings.latent = LatentDistribution::uniform; });
  add("initial ranges", [](auto& s) {
    s.settings.generator_range = 0.25;
    s.settings.discriminator_range = 0.125;
  });
  add("everything of the paper", [&](auto& s) {
    by_sgd(s);
    s.discriminator_maxout = 3;
    s.settings.dropout = 0.5;
    s.settings.input_dropout = 0.2;
    s.settings.latent = LatentDistribution::uniform;
    s.settings.gradient_penalty = 2;
  });
  add("rmsprop", [](auto& s) {
    s.settings.optimiser = Optimiser::rmsprop;
    s.settings.generator.beta1 = s.settings.discriminator.beta1 = 0;
    s.settings.generator.beta2 = s.settings.discriminator.beta2 = 0.9;
  });
  add("sgd", by_sgd);
  add("two steps of D", [](auto& s) { s.settings.d_steps = 2; });
  add("conditional", [](auto& s) { s.classes = 3; });
  add("shards", [](auto& s) { s.settings.shards = 4; });
  add("at once", [](auto& s) { s.settings.simultaneous = true; });
  add("falling rates", [](auto& s) { s.settings.schedule = {Decay::linear, 15, 0}; });
  add("everything", everything);
  add("everything, relativistic", [&](auto& s) {
    everything(s);
    s.settings.loss = GanLoss::relativistic;
  });
  return all;
}

// In pairs, the bias of a unit of D that all images activate cancels.  Its gradient is 0, Adam
// makes steps of its rounding errors, and neither changes anything else: such biases are left out.
template <class B>
std::vector<std::vector<float>> comparable_state(const B& backend, const Gan<B>& gan) {
  auto state = state_of(backend, gan);
  if (gan.settings.loss != GanLoss::relativistic) return state;
  for (std::size_t arena = 3; arena < 6; ++arena)  // D's
    for (const Layer& layer : gan.discriminator.shape.layers)
      std::fill_n(state[arena].begin() + static_cast<std::ptrdiff_t>(layer.bias), layer.out, 0.f);
  return state;
}

TEST_F(TrainStep, AgreesWithTheCpuInFloat) {
  constexpr int kSteps = 20;
  const CpuBackend<float> cpu;
  for (const auto& [name, setup] : ways()) {
    SCOPED_TRACE(name);
    Training<TestedBackend> training(backend(), setup);
    Training<CpuBackend<float>> cpu_training(cpu, setup);
    train(backend(), training, kSteps);
    train(cpu, cpu_training, kSteps);
    const auto actual = comparable_state(backend(), training.gan);
    const auto expected = comparable_state(cpu, cpu_training.gan);
    for (std::size_t i = 0; i < actual.size(); ++i)
      EXPECT_LE(distance(actual[i], expected[i]), 1e-5 * norm(expected[i])) << "array " << i;
  }
}

// No option is without effect, and none has the effect of another.
TEST_F(TrainStep, EveryWayToTrainIsItsOwn) {
  std::vector<std::vector<float>> weights;
  for (const auto& [name, setup] : ways()) {
    SCOPED_TRACE(name);
    Training<TestedBackend> training(backend(), setup);
    training.steps(3);
    weights.push_back(downloaded(backend(), training.gan.discriminator.parameters.get(),
                                 training.gan.discriminator.shape.arena));
    EXPECT_EQ(std::ranges::count(weights, weights.back()), 1);
  }
}

}  // namespace
}  // namespace gan::model
