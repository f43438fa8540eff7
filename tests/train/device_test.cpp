#include <gmock/gmock.h>

#include "host/train/cuda_engine.h"

namespace gan::train {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Device, AutoTakesAGpuWhereThereIsOne) {
  EXPECT_EQ(run::name_of(resolve_device({})), gpu::cuda_devices().count > 0 ? "cuda:0" : "cpu");
  EXPECT_EQ(resolve_device(run::kCpu), run::kCpu);
}

TEST(Device, NamesTheReasonWhenThereIsNoSuchGpu) {
  EXPECT_THAT([] { resolve_device(run::device_named("cuda:99")); },
              ThrowsMessage<base::UsageError>(HasSubstr("cuda:99")));
}

// What it takes on a GPU depends on the GPU (fused_engine_test.cpp).
TEST(EngineChoice, AutoTakesThePlainStepsOnACpu) {
  run::RunSpec spec;
  spec.device = run::kCpu;
  EXPECT_EQ(resolve_engine(spec), run::EngineKind::plain);
}

TEST(EngineChoice, TakesAnyByItsName) {
  run::RunSpec spec;
  spec.device = {run::Device::Kind::cuda, 0};
  for (const auto engine : {run::EngineKind::plain, run::EngineKind::graph}) {
    spec.engine = engine;
    EXPECT_EQ(resolve_engine(spec), engine);
  }
}

TEST(EngineChoice, SaysWhyAnEngineCannot) {
  const auto refuses = [](const char* engine, const char* precision, const char* reason) {
    run::RunSpec spec;
    spec.device = run::kCpu;
    spec.engine = run::named<run::EngineKind>("engine", engine);
    spec.precision = run::named<Precision>("precision", precision);
    EXPECT_THAT([&] { resolve_engine(spec); }, ThrowsMessage<base::UsageError>(HasSubstr(reason)));
  };
  refuses("graph", "fp32", "--engine graph needs a GPU");
  refuses("graph-pdl", "fp32", "--engine graph-pdl needs a GPU");
  refuses("auto", "tf32", "--precision tf32 needs a GPU");
  refuses("plain", "tf32", "--precision tf32 needs a GPU");
}

}  // namespace
}  // namespace gan::train
