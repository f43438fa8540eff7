// What training is in earnest: the published networks, whole batches, and as many multiprocessors
// as an H200 has. Emulated, it takes long, so that it has a process of its own (CMakeLists.txt).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

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

// Adam's first steps move a weight by about its rate whatever the size of the gradient: where the
// gradients of a batch cancel, rounding decides the way.  So a few weights may differ by up to
// twice the rate a step, and all others stay near.
TEST_F(RealShape, FusedStepsStayNearThoseOfTheCpu) {
  constexpr double kNear = 1e-6, kRate = 2e-4, kFew = 1e-3;
  const auto cpu = trained(real_spec("fp32"), "cpu", "plain");
  const auto fused = trained(real_spec("fp32"), "cuda", "fused");
  ASSERT_EQ(fused.size(), cpu.size());
  for (std::size_t t = 0; t < cpu.size(); ++t) {
    std::size_t far = 0;
    double most = 0, rest = 0;
    for (std::size_t i = 0; i < cpu[t].values.size(); ++i) {
      const double difference =
          std::abs(static_cast<double>(fused[t].values[i]) - cpu[t].values[i]);
      most = std::max(most, difference);
      if (difference > kNear)
        ++far;
      else
        rest += difference * difference;
    }
    std::printf("%s: %zu of %zu differ by more than %.0e, the most by %.1e, the others by %.1e\n",
                cpu[t].name.c_str(), far, cpu[t].values.size(), kNear, most, std::sqrt(rest));
    EXPECT_LE(most, 2 * kRate * kSteps) << cpu[t].name;
    EXPECT_LE(static_cast<double>(far), kFew * static_cast<double>(cpu[t].values.size()))
        << cpu[t].name;
  }
}

}  // namespace
}  // namespace gan::test
