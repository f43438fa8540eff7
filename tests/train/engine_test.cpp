// The engine on a GPU, or emulated, against the engine on the CPU.
#include "host/train/engine.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tests/kernels/backends.h"
#include "tests/train/small_run.h"

namespace gan::train {
namespace {

using namespace std::string_literals;

// Why an engine cannot run on this GPU; empty if it can.
std::string why_not(const std::string& engine) {
  run::RunSpec spec = two_layer_spec();
  spec.device = {run::Device::Kind::cuda, 0};
  spec.engine = run::named<run::EngineKind>("engine", engine);
  try {
    resolve_engine(spec);
  } catch (const base::UsageError& error) {
    return error.what();
  }
  return "";
}

const auto name_of_engine = [](const auto& test) {
  std::string name = test.param;
  std::erase(name, '-');
  return name;
};

// Every engine of a GPU.
class CudaEngine : public BackendTest, public testing::WithParamInterface<const char*> {
 protected:
  static std::unique_ptr<Engine> make(const char* device, run::RunSpec spec = two_layer_spec()) {
    spec.device = run::device_named(device);
    spec.engine =
        run::named<run::EngineKind>("engine", spec.device == run::kCpu ? "plain" : GetParam());
    return make_engine(spec, small_images());
  }

  void SetUp() override {
    BackendTest::SetUp();
    if (!IsSkipped() && !why_not(GetParam()).empty()) GTEST_SKIP() << why_not(GetParam());
  }

  // Whose kernels know no penalties and no losses but these two.
  static bool has_loss(model::GanLoss loss) {
    return !is_fused() || loss == model::GanLoss::non_saturating || loss == model::GanLoss::minimax;
  }
  static bool is_fused() { return GetParam() == "fused"s || GetParam() == "persistent"s; }

  // Carried on to the GPU or not, a state is made of the same tensors.
  static void expect_near(const std::vector<io::Tensor>& actual,
                          const std::vector<io::Tensor>& expected) {
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t t = 0; t < actual.size(); ++t) {
      ASSERT_EQ(actual[t].name, expected[t].name);
      double difference = 0, size = 0;
      for (std::size_t i = 0; i < actual[t].values.size(); ++i) {
        difference += std::pow(actual[t].values[i] - expected[t].values[i], 2);
        size += std::pow(expected[t].values[i], 2);
      }
      EXPECT_LE(std::sqrt(difference), 1e-5 * std::sqrt(size)) << actual[t].name;
    }
  }

  static void expect_equal(const std::vector<io::Tensor>& actual,
                           const std::vector<io::Tensor>& expected) {
    ASSERT_EQ(actual.size(), expected.size());
    for (std::size_t t = 0; t < actual.size(); ++t)
      EXPECT_EQ(actual[t].values, expected[t].values) << actual[t].name;
  }
};

TEST_P(CudaEngine, DrawsTheSameInitialWeightsToTheBit) {
  expect_equal(make("cuda")->state(), make("cpu")->state());
}

// Seven epochs, each with a smaller last batch and an order of its own.
TEST_P(CudaEngine, TrainsAsTheCpuDoes) {
  const auto cuda = make("cuda"), cpu = make("cpu");
  for (const auto* engine : {&cuda, &cpu}) (*engine)->run(20);
  expect_near(cuda->state(), cpu->state());
}

// Rounding errors grow with the steps, for each step begins where the last one ended: 1e-3 of the
// weights after 50 is far more than they come to, and what they come to later is recorded.
TEST_P(CudaEngine, DriftsFromTheCpuSlowly) {
  const auto cuda = make("cuda"), cpu = make("cpu");
  for (const int steps : {50, 50, 100, 200}) {
    if (is_fused() && cuda->step() >= 50) break;  // a GPU's work, and long when it is emulated
    for (const auto* engine : {&cuda, &cpu}) (*engine)->run(steps);
    const double drift = largest_difference(cuda->state(), cpu->state());
    std::printf("after %d steps the weights differ by %.1e of their norms\n",
                static_cast<int>(cuda->step()), drift);
    if (cuda->step() == 50) {
      EXPECT_LE(drift, 1e-3);
    }
  }
}

TEST_P(CudaEngine, TrainsInEveryWay) {
  for (const char* const loss : {"non-saturating", "minimax", "relativistic", "least-squares"}) {
    SCOPED_TRACE(loss);
    run::RunSpec spec = everything_spec();
    spec.loss = run::named<model::GanLoss>("loss", loss);
    if (!has_loss(spec.loss)) continue;
    if (is_fused()) spec.r1 = spec.r2 = 0;
    if (!model::has_real_label(spec.loss)) spec.real_label = 1;
    const auto cuda = make("cuda", spec), cpu = make("cpu", spec);
    for (const auto* engine : {&cuda, &cpu}) (*engine)->run(20);
    expect_near(cuda->state(), cpu->state());
  }
}

TEST_P(CudaEngine, TrainsACriticBetweenTheTurnsOfTheGenerator) {
  if (is_fused()) return;  // they say why (fused_engine_test.cpp)
  const auto cuda = make("cuda", critic_spec()), cpu = make("cpu", critic_spec());
  for (const auto* engine : {&cuda, &cpu}) (*engine)->run(22);
  expect_near(cuda->state(), cpu->state());
}

TEST_P(CudaEngine, TrainsAsThePaperDoes) {
  if (is_fused()) return;
  const auto cuda = make("cuda", paper_spec()), cpu = make("cpu", paper_spec());
  expect_equal(cuda->state(), cpu->state());
  for (const auto* engine : {&cuda, &cpu}) (*engine)->run(20);
  expect_near(cuda->state(), cpu->state());
}

TEST_P(CudaEngine, TrainsWithClasses) {
  if (is_fused()) return;
  const auto cuda = make("cuda", conditional_spec()), cpu = make("cpu", conditional_spec());
  expect_equal(cuda->state(), cpu->state());
  for (const auto* engine : {&cuda, &cpu}) (*engine)->run(20);
  expect_near(cuda->state(), cpu->state());
  const std::vector<float> z(5 * 6, 0.5F);
  const std::vector<std::uint8_t> classes = {0, 2, 1, 1, 0};
  const auto drawn = cuda->generate(z, run::GeneratorWeights::trained, classes);
  const auto expected = cpu->generate(z, run::GeneratorWeights::trained, classes);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(drawn[i], expected[i], 1e-5);
}

TEST_P(CudaEngine, TrainsInShards) {
  if (is_fused()) return;
  const auto cuda = make("cuda", sharded_spec()), cpu = make("cpu", sharded_spec());
  for (const auto* engine : {&cuda, &cpu}) (*engine)->run(20);
  expect_near(cuda->state(), cpu->state());
}

TEST_P(CudaEngine, TrainsInTheOrderOfTheFile) {
  run::RunSpec spec = two_layer_spec();
  spec.shuffle = false;
  const auto cuda = make("cuda", spec), cpu = make("cpu", spec);
  for (const auto* engine : {&cuda, &cpu}) (*engine)->run(7);
  expect_near(cuda->state(), cpu->state());
}

TEST_P(CudaEngine, SameSeedSameBytes) {
  const auto a = make("cuda"), b = make("cuda");
  a->run(13);
  b->run(6);
  b->run(7);
  expect_equal(a->state(), b->state());
}

TEST_P(CudaEngine, GoesOnFromAStateToTheBit) {
  const auto whole = make("cuda"), first = make("cuda"), second = make("cuda");
  whole->run(11);
  first->run(4);
  second->restore({first->state(), {}}, 4);
  EXPECT_EQ(second->step(), 4);
  second->run(7);
  expect_equal(second->state(), whole->state());
}

TEST_P(CudaEngine, BringsTheRecentLossesToTheHost) {
  const auto cuda = make("cuda"), cpu = make("cpu");
  for (const int steps : {3, 2, 4}) {  // up to steps 3, 5 and 9; a window is 5 steps
    for (const auto* engine : {&cuda, &cpu}) {
      (*engine)->run(steps);
      (*engine)->request_losses();
    }
    const auto actual = cuda->take_losses(), expected = cpu->take_losses();
    EXPECT_TRUE(cuda->losses_arrived());
    ASSERT_EQ(actual.size(), expected.size());
    ASSERT_EQ(actual.size(), static_cast<std::size_t>((cuda->step() - 1) % 5 + 1));
    for (std::size_t i = 0; i < actual.size(); ++i) {
      EXPECT_NEAR(actual[i].loss_g, expected[i].loss_g, 1e-5);
      EXPECT_NEAR(actual[i].loss_real, expected[i].loss_real, 1e-5);
      EXPECT_NEAR(actual[i].d_fake, expected[i].d_fake, 1e-5);
    }
  }
}

TEST_P(CudaEngine, GeneratesTheSameImages) {
  const auto cuda = make("cuda"), cpu = make("cpu");
  std::vector<float> z(50 * 6);
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = static_cast<float>(i % 17) / 8 - 1;
  for (const auto* engine : {&cuda, &cpu}) (*engine)->run(3);
  for (const auto weights : {run::GeneratorWeights::trained, run::GeneratorWeights::average})
    EXPECT_THAT(cuda->generate(z, weights),
                testing::Pointwise(testing::FloatNear(1e-5f), cpu->generate(z, weights)));
  EXPECT_NE(cpu->generate(z, run::GeneratorWeights::trained),
            cpu->generate(z, run::GeneratorWeights::average));
}

TEST_P(CudaEngine, HasTheNameOfItsGpu) {
  EXPECT_FALSE(make("cuda")->device_name().empty());
}

INSTANTIATE_TEST_SUITE_P(Engines, CudaEngine,
                         testing::Values("plain", "graph", "graph-pdl", "fused", "persistent"),
                         name_of_engine);

// Over epochs with smaller last batches, and in windows that are no powers of two.
void expect_the_bytes_of_plain_steps(run::RunSpec spec, int batch = 1) {
  spec.device = {run::Device::Kind::cuda, 0};
  spec.data.count = 23;
  spec.batch = batch;
  const auto state_of = [&](const char* name) {
    spec.engine = run::named<run::EngineKind>("engine", name);
    const auto engine = make_engine(spec, small_images());
    for (const int steps : {1, 2, 19, 7, 40, 1, 61}) engine->run(steps);
    return engine->state();
  };
  const auto expected = state_of("plain");
  for (const char* const name : {"graph", "graph-pdl"}) {
    if (!why_not(name).empty()) continue;
    SCOPED_TRACE(name);
    const auto actual = state_of(name);
    for (std::size_t t = 0; t < actual.size(); ++t)
      EXPECT_EQ(actual[t].values, expected[t].values) << actual[t].name;
  }
}

TEST_F(BackendTest, EveryEngineGivesTheBytesOfThePlainSteps) {
  expect_the_bytes_of_plain_steps(everything_spec());
}

TEST_F(BackendTest, EveryEngineGivesTheBytesOfThePlainStepsInTurns) {
  expect_the_bytes_of_plain_steps(critic_spec());
}

TEST_F(BackendTest, EveryEngineGivesTheBytesOfThePlainStepsInShards) {
  expect_the_bytes_of_plain_steps(sharded_spec(), 8);
}

TEST_F(BackendTest, EveryEngineGivesTheBytesOfThePlainStepsWithClasses) {
  expect_the_bytes_of_plain_steps(conditional_spec());
}

}  // namespace
}  // namespace gan::train
