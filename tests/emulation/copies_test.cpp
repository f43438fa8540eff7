// Copies that go on beside the thread that started them, and matrices that a warp reads together,
// against what the PTX ISA says of "cp.async" and "ldmatrix"; on a GPU the same tests run the
// instructions.
#include <gtest/gtest.h>

#include <numeric>
#include <string_view>

#include "tests/emulation/copies_kernel.h"
#include "tests/emulation/device_array.h"
#include "tests/kernels/backends.h"

namespace gan::emulation {
namespace {

bool is_emulated() {
  cudaDeviceProp properties{};
  EXPECT_EQ(cudaGetDeviceProperties(&properties, 0), cudaSuccess);
  return properties.name == std::string_view("emulated on the CPU");
}

std::vector<float> numbers(std::size_t n) {
  std::vector<float> values(n);
  std::iota(values.begin(), values.end(), 100.0f);
  return values;
}

class Copies : public BackendTest {
 protected:
  // Every third lane's copy is not there.
  void SetUp() override {
    BackendTest::SetUp();
    for (std::size_t lane = 0; lane < there_.size(); ++lane) there_[lane] = lane % 3 != 0;
  }

  struct Copied {
    std::vector<float> values, early;
  };
  Copied copy(const std::vector<float>& x, int values) const {
    const DeviceArray<float> from(x), to(x.size()), early(x.size());
    const DeviceArray<int> there(there_);
    launch_copies(to.get(), early.get(), from.get(), there.get(), values);
    return {to.values(), early.values()};
  }

  std::vector<int> there_ = std::vector<int>(32);
};

TEST_F(Copies, BringValuesOrZeros) {
  for (const std::size_t values : {1u, 4u}) {
    const std::vector<float> x = numbers(32 * values);
    const std::vector<float> actual = copy(x, static_cast<int>(values)).values;
    for (std::size_t i = 0; i < x.size(); ++i)
      EXPECT_EQ(actual[i], there_[i / values] ? x[i] : 0) << i << " of " << values << " each";
  }
}

// A GPU may have copied already; emulated, who reads too early finds it out.
TEST_F(Copies, AreNotThereBeforeTheWait) {
  if (!is_emulated()) return;
  for (const std::size_t values : {1u, 4u})
    EXPECT_EQ(copy(numbers(32 * values), static_cast<int>(values)).early,
              std::vector<float>(32 * values, 7));
}

TEST_F(Copies, AreWaitedForGroupByGroup) {
  const std::vector<float> x = numbers(64);
  const DeviceArray<float> from(x), to(128);
  launch_groups(to.get(), from.get());
  const std::vector<float> y = to.values();
  for (std::size_t lane = 0; lane < 32; ++lane) {
    EXPECT_EQ(y[lane], x[lane]) << "the first group, lane " << lane;
    if (is_emulated()) {
      EXPECT_EQ(y[32 + lane], 7) << "the second group, too early, lane " << lane;
    }
    EXPECT_EQ(y[64 + lane], x[lane]);
    EXPECT_EQ(y[96 + lane], x[32 + lane]);
  }
}

TEST_F(Copies, MatricesComeByTheRowsThatTheLanesName) {
  const std::vector<float> x = numbers(32 * 4);
  const DeviceArray<float> from(x), to(32 * 4);
  launch_load_matrices(to.get(), from.get());
  const std::vector<float> y = to.values();
  for (std::size_t lane = 0; lane < 32; ++lane)
    for (std::size_t m = 0; m < 4; ++m) {
      const std::size_t named = 5 * (8 * m + lane / 4) % 32;
      EXPECT_EQ(y[4 * lane + m], x[4 * named + lane % 4]) << "lane " << lane << ", matrix " << m;
    }
}

}  // namespace
}  // namespace gan::emulation
