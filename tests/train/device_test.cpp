#include <gmock/gmock.h>

#include "host/train/cuda_engine.h"

namespace gan::train {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Device, AutoTakesAGpuWhereThereIsOne) {
  EXPECT_EQ(resolve_device("auto"), gpu::cuda_devices().count > 0 ? "cuda:0" : "cpu");
  EXPECT_EQ(resolve_device("cpu"), "cpu");
}

TEST(Device, RefusesWhatIsNoDevice) {
  for (const char* device : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "", "CPU"})
    EXPECT_THAT([&] { resolve_device(device); },
                ThrowsMessage<base::UsageError>(HasSubstr("--device")))
        << device;
}

TEST(Device, NamesTheReasonWhenThereIsNoSuchGpu) {
  EXPECT_THAT([] { resolve_device("cuda:99"); },
              ThrowsMessage<base::UsageError>(HasSubstr("cuda:99")));
}

// What it takes on a GPU depends on the GPU (fused_engine_test.cpp).
TEST(EngineChoice, AutoTakesThePlainStepsOnACpu) {
  run::RunSpec spec;
  spec.device = "cpu";
  EXPECT_EQ(resolve_engine(spec), "plain");
}

TEST(EngineChoice, TakesAnyByItsName) {
  run::RunSpec spec;
  spec.device = "cuda:0";
  for (const char* const name : {"plain", "graph"}) {
    spec.engine = name;
    EXPECT_EQ(resolve_engine(spec), name);
  }
}

TEST(EngineChoice, SaysWhyAnEngineCannot) {
  const auto refuses = [](const char* engine, const char* precision, const char* reason) {
    run::RunSpec spec;
    spec.device = "cpu";
    spec.engine = engine;
    spec.precision = precision;
    EXPECT_THAT([&] { resolve_engine(spec); }, ThrowsMessage<base::UsageError>(HasSubstr(reason)));
  };
  refuses("graph", "fp32", "--engine graph needs a GPU");
  refuses("graph-pdl", "fp32", "--engine graph-pdl needs a GPU");
  refuses("auto", "tf32", "--precision tf32 needs a GPU");
  refuses("plain", "tf32", "--precision tf32 needs a GPU");
  refuses("turbo", "fp32", "--engine must be");
}

}  // namespace
}  // namespace gan::train
