// The engines whose kernels are all our own, on a GPU or emulated, against the engine on the CPU:
// shapes that fill several tiles and none of them, and every precision.
#include <gmock/gmock.h>

#include "host/train/engine.h"
#include "tests/kernels/backends.h"
#include "tests/train/small_run.h"

namespace gan::train {
namespace {

// Every size is more than one tile and no multiple of a tile, and the pixels are two splits.
run::RunSpec ragged_spec() {
  run::RunSpec spec = two_layer_spec();
  spec.latent = 70;
  spec.generator_hidden = {72, 81};
  spec.discriminator_hidden = {40, 51};
  spec.data = {"ragged", 37 + 19, 15, 17, 0};
  spec.batch = 37;
  return spec;
}

data::Images images_for(const run::RunSpec& spec) {
  const run::DataSpec& data = spec.data;
  data::Images images{data.count, data.height, data.width, {}};
  for (int i = 0; i < data.count * data.pixels(); ++i)
    images.pixels.push_back(static_cast<std::uint8_t>(i * 37 % 251 * (i / 7 % 3) / 2));
  return images;
}

std::unique_ptr<Engine> engine(run::RunSpec spec, const std::string& device,
                               const std::string& name) {
  spec.device = run::device_named(device);
  spec.engine = run::named<run::EngineKind>("engine", name);
  return make_engine(spec, images_for(spec));
}

double difference_after(int steps, const run::RunSpec& spec, const char* name) {
  run::RunSpec exact = spec;
  exact.precision = Precision::fp32;
  const auto fused = engine(spec, "cuda", name), cpu = engine(exact, "cpu", "plain");
  for (const auto* each : {&fused, &cpu}) (*each)->run(steps);
  return largest_difference(fused->state(), cpu->state());
}

class FusedEngines : public BackendTest, public testing::WithParamInterface<const char*> {
 protected:
  static double difference_after(int steps, const run::RunSpec& spec) {
    return train::difference_after(steps, spec, GetParam());
  }
};

TEST_P(FusedEngines, TrainRaggedShapes) {
  EXPECT_LE(difference_after(2, ragged_spec()), 1e-5);
}

TEST_P(FusedEngines, TrainThePublishedNetworks) {
  run::RunSpec spec;
  spec.data = {"small", 40, 28, 28, 0};
  spec.batch = 32;
  spec.log_every = 5;
  spec.threads = 1;
  EXPECT_LE(difference_after(2, spec), 1e-5);
}

// A layer too wide for the shared memory that every kernel has, and one of a single unit.
TEST_P(FusedEngines, TrainWideAndNarrowLayers) {
  run::RunSpec spec = two_layer_spec();
  spec.generator_hidden = {1, 33};
  spec.discriminator_hidden = {200, 150};
  EXPECT_LE(difference_after(2, spec), 1e-5);
}

TEST_P(FusedEngines, TrainByRmsprop) {
  run::RunSpec spec = two_layer_spec();
  spec.optimiser = model::Optimiser::rmsprop;
  EXPECT_LE(difference_after(2, spec), 1e-5);
}

TEST_P(FusedEngines, SayWhatTheyCannotDo) {
  const auto why_not = [](auto change) -> std::string {
    run::RunSpec spec = two_layer_spec();
    spec.device = {run::Device::Kind::cuda, 0};
    spec.engine = run::named<run::EngineKind>("engine", GetParam());
    change(spec);
    try {
      resolve_engine(spec);
    } catch (const base::UsageError& error) {
      return error.what();
    }
    return "";
  };
  using testing::HasSubstr;
  EXPECT_EQ(why_not([](run::RunSpec&) {}), "");
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.loss = model::GanLoss::relativistic; }),
              HasSubstr("relativistic"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.loss = model::GanLoss::hinge; }), HasSubstr("hinge"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.gradient_penalty = 1; }), HasSubstr("penalties"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.conditional = true; }), HasSubstr("--conditional"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.discriminator_maxout = 2; }), HasSubstr("maxout"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.discriminator_input_dropout = 0.2; }),
              HasSubstr("--d-input-dropout"));
  EXPECT_THAT(
      why_not([](run::RunSpec& s) { s.latent_distribution = model::LatentDistribution::uniform; }),
      HasSubstr("uniform"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.clip = 1; }), HasSubstr("--clip"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.d_steps = 2; }), HasSubstr("--d-steps"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.shards = 2; }), HasSubstr("--shards"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.simultaneous = true; }), HasSubstr("--simultaneous"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.optimiser = model::Optimiser::sgd; }),
              HasSubstr("sgd"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.r1 = 1; }), HasSubstr("penalties"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.r2 = 1; }), HasSubstr("penalties"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.generator_hidden = {9}; }), HasSubstr("two hidden"));
  EXPECT_THAT(why_not([](run::RunSpec& s) {
                s.discriminator_hidden = {9, 9, 9};
              }),
              HasSubstr("two hidden"));
  EXPECT_THAT(why_not([](run::RunSpec& s) {
                s.discriminator_hidden = {2000, 2000};
              }),
              HasSubstr("shared memory"));
  EXPECT_THAT(why_not([](run::RunSpec& s) { s.device = run::kCpu; }), HasSubstr("needs a GPU"));
}

INSTANTIATE_TEST_SUITE_P(Engines, FusedEngines, testing::Values("fused", "persistent"),
                         [](const auto& test) { return std::string(test.param); });

// Steps begin where the last one ended, so roundings grow.
TEST_F(BackendTest, FusedStepsStayNearThePlainOnesInEveryPrecision) {
  run::RunSpec spec = two_layer_spec();
  for (const auto& [precision, bound] :
       {std::pair{"fp32", 1e-4}, {"3xtf32", 1e-4}, {"tf32", 1e-2}}) {
    spec.precision = run::named<Precision>("precision", precision);
    const double difference = difference_after(50, spec, "fused");
    std::printf("%s: after 50 steps the weights differ by %.1e\n", precision, difference);
    EXPECT_LE(difference, bound) << precision;
    EXPECT_EQ(difference > 1e-5, spec.precision == Precision::tf32)
        << precision << ": " << difference;
  }
}

// The phases are the same functions, so the bytes are the same, whichever kernel calls them.
TEST_F(BackendTest, OneKernelGivesTheBytesOfMany) {
  for (const char* const precision : {"fp32", "tf32", "3xtf32"}) {
    run::RunSpec spec = precision == std::string("fp32") ? ragged_spec() : two_layer_spec();
    spec.precision = run::named<Precision>("precision", precision);
    const auto fused = engine(spec, "cuda", "fused"), one = engine(spec, "cuda", "persistent");
    fused->run(3);
    one->run(3);
    const auto expected = fused->state(), actual = one->state();
    for (std::size_t t = 0; t < expected.size(); ++t)
      EXPECT_EQ(actual[t].values, expected[t].values) << precision << ": " << expected[t].name;
  }
}

TEST_F(BackendTest, OnlyFusedStepsHaveThreeTf32Products) {
  run::RunSpec spec = two_layer_spec();
  spec.device = {run::Device::Kind::cuda, 0};
  spec.precision = Precision::tf32x3;
  for (const char* const name : {"plain", "graph", "graph-pdl"}) {
    spec.engine = run::named<run::EngineKind>("engine", name);
    EXPECT_THROW(resolve_engine(spec), base::UsageError) << name;
  }
  spec.engine = run::EngineKind::automatic;
  EXPECT_EQ(resolve_engine(spec), run::EngineKind::fused);
}

TEST_F(BackendTest, AutoTakesTheFastestEngineThatCan) {
  run::RunSpec spec = two_layer_spec();
  spec.device = {run::Device::Kind::cuda, 0};
  EXPECT_EQ(resolve_engine(spec), run::EngineKind::fused);
  spec.r1 = 1;
  EXPECT_THAT(resolve_engine(spec),
              testing::AnyOf(run::EngineKind::graph, run::EngineKind::graph_pdl));
  spec.device = run::kCpu;
  EXPECT_EQ(resolve_engine(spec), run::EngineKind::plain);
}

}  // namespace
}  // namespace gan::train
