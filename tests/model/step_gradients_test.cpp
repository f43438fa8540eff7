// The gradients that the training step itself takes, of D's and of G's whole loss, against central
// differences over every parameter; and the order of the two updates.
#include <gtest/gtest.h>

#include "host/model/cpu_backend.h"
#include "tests/model/gradient_check.h"

namespace gan::model {
namespace {

// Remembers on which side of its kink every ReLU and every hinge was, and which piece of every
// maxout unit was the largest.
class WatchedBackend : public CpuBackend<double> {
 public:
  void bias_relu(double* y, const double* b, int B, int N, double slope) const {
    CpuBackend::bias_relu(y, b, B, N, slope);
    for (int i = 0; i < B * N; ++i) sides.push_back(y[i] > 0);
  }
  void bias_maxout(double* y, double* z, const double* b, int B, int N, int pieces) const {
    CpuBackend::bias_maxout(y, z, b, B, N, pieces);
    for (int i = 0; i < B * N * pieces; ++i) sides.push_back(z[i] == y[i / pieces]);
  }
  void score(double* loss, double* mean_z, const double* z, ScoreTarget<double> against,
             int B) const {
    CpuBackend::score(loss, mean_z, z, against, B);
    if (against.score != Score::hinge) return;
    for (int i = 0; i < B; ++i) sides.push_back(against.target * z[i] < 1);
  }
  mutable std::vector<bool> sides;
};

using Model = Gan<WatchedBackend>;
using Losses = StepLosses<double>;

double discriminator_loss(const Losses& losses) {
  return losses.loss_real + losses.loss_fake + losses.penalty;
}
double generator_loss(const Losses& losses) {
  return losses.loss_g;
}

struct Case {
  const char* name;
  TrainingSetup setup;
  std::uint64_t step;  // which batch
  double scale = 2;    // of the weights: large enough for a gradient to pass many layers
};
void PrintTo(const Case& which, std::ostream* out) {
  *out << which.name;
}

TrainingSetup setup_of(int latent, std::vector<int> generator_hidden, int pixels,
                       std::vector<int> discriminator_hidden, int images, int batch) {
  TrainingSetup setup{.latent = latent,
                      .generator_hidden = std::move(generator_hidden),
                      .pixels = pixels,
                      .discriminator_hidden = std::move(discriminator_hidden),
                      .images = images};
  setup.settings.batch = batch;
  setup.settings.seed = 3;
  setup.settings.generator.rate = setup.settings.discriminator.rate = 0;
  return setup;
}

// A way to train: the small networks with other settings.
Case way(const char* name, std::uint64_t step, void (*change)(TrainingSetup&), double scale = 2) {
  TrainingSetup setup = setup_of(5, {7, 6}, 9, {8, 4}, 10, 6);
  change(setup);
  return {name, setup, step, scale};
}

void leaky(TrainingSetup& setup) {
  setup.generator_slope = 0.2;
  setup.discriminator_slope = 0.1;
}

void everything(TrainingSetup& setup) {
  leaky(setup);
  setup.settings.loss = GanLoss::relativistic;
  setup.settings.dropout = 0.3;
  setup.settings.r1 = 0.8;
  setup.settings.r2 = 0.3;
}

// With a weight that has fallen.
void penalised_wasserstein(TrainingSetup& setup) {
  leaky(setup);
  setup.settings.loss = GanLoss::wasserstein;
  setup.settings.dropout = 0.3;
  setup.settings.gradient_penalty = 10;
  setup.settings.penalty_schedule = {Decay::linear, 4, 0};
}

// As in the paper.
void maxout(TrainingSetup& setup) {
  setup.discriminator_maxout = 3;
  setup.settings.dropout = 0.4;
  setup.settings.input_dropout = 0.2;
  setup.settings.latent = LatentDistribution::uniform;
}

class StepGradients : public testing::TestWithParam<Case> {
 protected:
  StepGradients() : training_(ops_, GetParam().setup, Training<WatchedBackend>::Weights::formula) {
    for (Network<WatchedBackend>* network :
         {&training_.gan.generator, &training_.gan.discriminator})
      for (std::size_t i = 0; i < network->shape.arena; ++i)
        network->parameters.get()[i] *= GetParam().scale;
  }

  // The step whose gradients are in question; at rate 0 it changes no weight.
  Losses step() {
    ops_.sides.clear();
    training_.go_to(GetParam().step);
    training_.step();
    return training_.losses();
  }

  void expect_right(Network<WatchedBackend>& network, double (*loss)(const Losses&)) {
    step();
    const auto gradients = downloaded(ops_, network.gradients.get(), network.shape.arena);
    const std::vector<bool> sides = ops_.sides;
    for (const NamedTensor& tensor : network.shape.tensors()) {
      SCOPED_TRACE(tensor.name);
      const double* const gradient = gradients.data() + tensor.offset;
      if (is_without_effect(network, tensor)) {
        EXPECT_EQ(*gradient, 0);
        continue;
      }
      expect_gradient(
          {gradient, gradient + tensor.size()},
          central_differences(network.parameters.get() + tensor.offset, tensor.size(), [&] {
            const double value = loss(step());
            EXPECT_EQ(ops_.sides, sides) << "a kink lies too near: choose other weights";
            return value;
          }));
    }
  }

  // The bias of D's logits cancels where the loss depends on differences.
  bool is_without_effect(const Network<WatchedBackend>& network, const NamedTensor& tensor) const {
    const GanLoss loss = training_.gan.settings.loss;
    return (loss == GanLoss::relativistic || loss == GanLoss::wasserstein) &&
           &network == &training_.gan.discriminator &&
           tensor.offset == network.shape.layers.back().bias;
  }

  WatchedBackend ops_;
  Training<WatchedBackend> training_;
};

TEST_P(StepGradients, OfTheDiscriminator) {
  expect_right(training_.gan.discriminator, discriminator_loss);
}

TEST_P(StepGradients, OfTheGenerator) {
  expect_right(training_.gan.generator, generator_loss);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, StepGradients,
    testing::Values(Case{"FullBatch", setup_of(5, {7, 6}, 9, {8, 4}, 10, 6), 0},
                    Case{"LastBatch", setup_of(5, {7, 6}, 9, {8, 4}, 10, 6), 1},
                    Case{"OneRow", setup_of(5, {7, 6}, 9, {8, 4}, 7, 6), 3},
                    Case{"NothingHidden", setup_of(3, {}, 4, {}, 5, 3), 1},
                    Case{"ThreeHidden", setup_of(4, {8, 7, 6}, 8, {9, 6, 5}, 11, 4), 2}),
    [](const auto& test) { return test.param.name; });

INSTANTIATE_TEST_SUITE_P(
    Ways, StepGradients,
    testing::Values(way("Leaky", 0, leaky),
                    way("SmoothedLabels", 1, [](auto& s) { s.settings.real_label = 0.9; }),
                    way("Minimax", 0, [](auto& s) { s.settings.loss = GanLoss::minimax; }),
                    way("Dropout", 1, [](auto& s) { s.settings.dropout = 0.4; }),
                    way("DroppedInput", 0, [](auto& s) { s.settings.input_dropout = 0.3; }),
                    way("Maxout", 1, maxout),
                    way("MaxoutR1AndR2", 0,
                        [](auto& s) {
                          maxout(s);
                          s.settings.r1 = 0.7;
                          s.settings.r2 = 0.2;
                        }),
                    way("MaxoutGradientPenalty", 0,
                        [](auto& s) {
                          maxout(s);
                          s.settings.gradient_penalty = 2;
                        }),
                    way("Relativistic", 1,
                        [](auto& s) { s.settings.loss = GanLoss::relativistic; }),
                    way("LeastSquares", 0,
                        [](auto& s) {
                          s.settings.loss = GanLoss::least_squares;
                          s.settings.real_label = 0.9;
                        }),
                    // With logits on both sides of the margin.
                    way(
                        "Hinge", 1, [](auto& s) { s.settings.loss = GanLoss::hinge; }, 4),
                    way("Wasserstein", 1, [](auto& s) { s.settings.loss = GanLoss::wasserstein; }),
                    way("GradientPenalty", 1, [](auto& s) { s.settings.gradient_penalty = 0.7; }),
                    way("WassersteinGradientPenalty", 0, penalised_wasserstein),
                    way("R1", 1, [](auto& s) { s.settings.r1 = 0.7; }),
                    way("R2", 0, [](auto& s) { s.settings.r2 = 0.7; }),
                    way("R1AndR2OfNothingHidden", 1,
                        [](auto& s) {
                          s.discriminator_hidden = {};
                          s.settings.r1 = 0.7;
                          s.settings.r2 = 0.2;
                        }),
                    way("Conditional", 1, [](auto& s) { s.classes = 3; }),
                    way("ConditionalOfNothingHidden", 0,
                        [](auto& s) {
                          s.classes = 3;
                          s.generator_hidden = s.discriminator_hidden = {};
                        }),
                    way("ConditionalEverything", 1,
                        [](auto& s) {
                          everything(s);
                          s.classes = 3;
                        }),
                    way("ConditionalMaxoutGradientPenalty", 0,
                        [](auto& s) {
                          maxout(s);
                          s.classes = 3;
                          s.settings.gradient_penalty = 2;
                        }),
                    way("Shards", 0, [](auto& s) { s.settings.shards = 3; }),
                    // Of 4 rows in 6 shards, so that two have none.
                    way("EverythingInShards", 1,
                        [](auto& s) {
                          everything(s);
                          s.classes = 3;
                          s.settings.shards = 6;
                        }),
                    way("WassersteinInShards", 0,
                        [](auto& s) {
                          penalised_wasserstein(s);
                          s.settings.shards = 4;
                        }),
                    way("MaxoutInShardsAtOnce", 0,
                        [](auto& s) {
                          maxout(s);
                          s.settings.shards = 2;
                          s.settings.simultaneous = true;
                        }),
                    way("Everything", 1, everything),
                    way("EverythingAtOnce", 1,
                        [](auto& s) {
                          everything(s);
                          s.settings.simultaneous = true;
                        }),
                    way("MaxoutAtOnce", 0,
                        [](auto& s) {
                          maxout(s);
                          s.settings.simultaneous = true;
                          s.settings.gradient_penalty = 2;
                        })),
    [](const auto& test) { return test.param.name; });

// G's gradient and loss are taken with D after its update: they are those of a second step at the
// same place in which D stands still.
TEST(StepOrder, DiscriminatorIsUpdatedFirst) {
  const CpuBackend<double> ops;
  TrainingSetup setup = setup_of(5, {7, 6}, 9, {8, 4}, 10, 6);
  Training<CpuBackend<double>> training(ops, setup, Training<CpuBackend<double>>::Weights::formula);
  Gan<CpuBackend<double>>& gan = training.gan;
  const auto generator_gradients = [&] {
    return downloaded(ops, gan.generator.gradients.get(), gan.generator.shape.arena);
  };
  training.step();
  const Losses before = training.losses();
  const auto gradients_before = generator_gradients();

  gan.settings.discriminator.rate = 0.01;
  training.go_to(0);
  training.step();
  const Losses during = training.losses();
  const auto gradients = generator_gradients();
  EXPECT_EQ(discriminator_loss(during), discriminator_loss(before));
  EXPECT_NE(during.loss_g, before.loss_g);
  EXPECT_NE(gradients, gradients_before);

  gan.settings.discriminator.rate = 0;
  training.go_to(0);
  training.step();
  EXPECT_LT(discriminator_loss(training.losses()), discriminator_loss(during));
  EXPECT_EQ(training.losses().loss_g, during.loss_g);
  EXPECT_EQ(training.losses().d_g, during.d_g);
  EXPECT_EQ(generator_gradients(), gradients);
}

// Not when both are updated at once: G's gradient does not know of D's new weights.
TEST(StepOrder, UpdatesAtOnceKnowNothingOfEachOther) {
  const CpuBackend<double> ops;
  TrainingSetup setup = setup_of(5, {7, 6}, 9, {8, 4}, 10, 6);
  setup.settings.simultaneous = true;
  Training<CpuBackend<double>> training(ops, setup, Training<CpuBackend<double>>::Weights::formula);
  Gan<CpuBackend<double>>& gan = training.gan;
  const auto gradients_at_rate = [&](double rate) {
    gan.settings.discriminator.rate = rate;
    training.go_to(0);
    training.step();
    return downloaded(ops, gan.generator.gradients.get(), gan.generator.shape.arena);
  };
  const auto gradients = gradients_at_rate(0);
  const Losses before = training.losses();
  EXPECT_EQ(before.d_g, before.d_fake);  // of the same images
  EXPECT_EQ(gradients_at_rate(0.01), gradients);
  EXPECT_EQ(training.losses().loss_g, before.loss_g);
  training.go_to(0);
  training.step();
  EXPECT_LT(discriminator_loss(training.losses()), discriminator_loss(before));
}

}  // namespace
}  // namespace gan::model
