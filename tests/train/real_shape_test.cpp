// What training is in earnest: the published networks, whole batches, and as many multiprocessors
// as an H200 has. Emulated, it takes long, so that it has a process of its own (CMakeLists.txt).
#include <gtest/gtest.h>

#include "host/train/engine.h"
#include "tests/kernels/backends.h"
#include "tests/train/small_run.h"

namespace gan::train {
namespace {

constexpr int kSteps = 2;  // the second has the last batch, of 96

run::RunSpec real_spec() {
  run::RunSpec spec;
  spec.data = {"real", 128 + 96, 28, 28, 0};
  spec.batch = 128;
  spec.log_every = 5;
  spec.threads = 1;
  return spec;
}

std::vector<io::Tensor> trained(run::RunSpec spec, const char* device, const char* engine) {
  spec.device = run::device_named(device);
  spec.engine = run::named<run::EngineKind>("engine", engine);
  const run::DataSpec& data = spec.data;
  data::Images images{data.count, data.height, data.width, {}};
  for (int i = 0; i < data.count * data.pixels(); ++i)
    images.pixels.push_back(static_cast<std::uint8_t>(i * 37 % 251 * (i / 7 % 3) / 2));
  const auto made = make_engine(spec, images);
  made->run(kSteps);
  return made->state();
}

using RealShape = BackendTest;

// In fp32 alone: the emulated tensor cores take minutes for it.
TEST_F(RealShape, PersistentStepsAreFusedOnesToTheBit) {
  const auto fused = trained(real_spec(), "cuda", "fused"),
             persistent = trained(real_spec(), "cuda", "persistent");
  ASSERT_EQ(persistent.size(), fused.size());
  for (std::size_t t = 0; t < fused.size(); ++t)
    EXPECT_EQ(persistent[t].values, fused[t].values) << fused[t].name;
}

// No longer than until rounding decides of a unit of D whether its sum is above 0: that of 128·64
// sums one is so near to 0 came in the third step, and then the gradients of all its weights
// differ.
TEST_F(RealShape, FusedStepsStayNearThoseOfTheCpu) {
  const auto cpu = trained(real_spec(), "cpu", "plain"),
             fused = trained(real_spec(), "cuda", "fused");
  ASSERT_EQ(fused.size(), cpu.size());
  for (std::size_t t = 0; t < cpu.size(); ++t)
    EXPECT_LE(largest_difference({fused[t]}, {cpu[t]}), 1e-5) << cpu[t].name;
}

}  // namespace
}  // namespace gan::train
