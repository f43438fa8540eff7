// What training is in earnest: the published networks, whole batches, and as many multiprocessors
// as an H200 has. Emulated, it takes long, so that it has a process of its own (CMakeLists.txt).
#include <gtest/gtest.h>

#include "host/train/engine.h"
#include "tests/kernels/backends.h"
#include "tests/train/small_run.h"

namespace gan::test {
namespace {

constexpr int kSteps = 3;  // the third has the last batch, of 96

RunSpec real_spec(const char* precision) {
  RunSpec spec;
  spec.data = {"real", 128 * 2 + 96, 28, 28, 0};
  spec.batch = 128;
  spec.log_every = 5;
  spec.threads = 1;
  spec.precision = precision;
  return spec;
}

std::vector<Tensor> trained(RunSpec spec, const char* device, const char* engine) {
  spec.device = device;
  spec.engine = engine;
  const DataSpec& data = spec.data;
  Images images{data.count, data.height, data.width, {}};
  for (int i = 0; i < data.count * data.pixels(); ++i)
    images.pixels.push_back(static_cast<std::uint8_t>(i * 37 % 251 * (i / 7 % 3) / 2));
  const auto made = make_engine(spec, images);
  made->run(kSteps);
  return made->state();
}

using RealShape = BackendTest;

class RealShapes : public BackendTest, public testing::WithParamInterface<const char*> {};

TEST_P(RealShapes, PersistentStepsAreFusedOnesToTheBit) {
  const RunSpec spec = real_spec(GetParam());
  const auto fused = trained(spec, "cuda", "fused"),
             persistent = trained(spec, "cuda", "persistent");
  ASSERT_EQ(persistent.size(), fused.size());
  for (std::size_t t = 0; t < fused.size(); ++t)
    EXPECT_EQ(persistent[t].values, fused[t].values) << fused[t].name;
}

INSTANTIATE_TEST_SUITE_P(Precisions, RealShapes, testing::Values("fp32", "tf32"),
                         [](const auto& test) { return std::string(test.param); });

// The bound is that of 50 steps of small shapes (fused_engine_test.cpp). Emulated, three steps here
// came to 5.6e-5, where two of the published networks at a batch of 32 stay below 1e-5; which sums
// make the difference has not been looked into.
TEST_F(RealShape, FusedStepsStayNearThoseOfTheCpu) {
  const auto cpu = trained(real_spec("fp32"), "cpu", "plain");
  for (const char* const engine : {"plain", "fused"}) {
    const auto cuda = trained(real_spec("fp32"), "cuda", engine);
    std::printf("%s: after %d steps the weights differ by %.1e\n", engine, kSteps,
                largest_difference(cuda, cpu));
    for (std::size_t t = 0; t < cpu.size(); ++t) {
      const double difference = largest_difference({cuda[t]}, {cpu[t]});
      if (difference > 0) std::printf("  %s: %.1e\n", cpu[t].name.c_str(), difference);
      EXPECT_LE(difference, 1e-4) << engine << ": " << cpu[t].name;
    }
  }
}

}  // namespace
}  // namespace gan::test
