// Right kernels give their results without a finding: forward, in reverse and in 50 random orders.
#include <gtest/gtest.h>

#include "tests/emulation/device_array.h"
#include "tests/emulation/emulation.h"
#include "tests/emulation/tricky_kernels.h"

namespace gan::emulation {
namespace {

constexpr std::uint64_t kRandomOrders = 50;

class TrickyKernels : public testing::TestWithParam<TrickyKernel> {
 protected:
  void expect_right(Schedule order) {
    set_schedule(order);
    std::vector<float> inputs(kTrickySize);
    for (int i = 0; i < kTrickySize; ++i) inputs[static_cast<std::size_t>(i)] = tricky_input(i);
    const DeviceArray<float> x(inputs), y(kTrickySize);
    const DeviceArray<unsigned> flags(std::vector<unsigned>(kTrickySize, 0u));
    GetParam().launch({x.get(), y.get(), flags.get()});
    const std::vector<float> values = y.values();
    for (int i = 0; i < GetParam().outputs; ++i)
      ASSERT_EQ(values[static_cast<std::size_t>(i)], GetParam().expected(i)) << "at " << i;
    ASSERT_EQ(take_findings(), std::vector<std::string>());
  }
  void TearDown() override { set_schedule(before_); }

 private:
  Schedule before_ = schedule();
};

TEST_P(TrickyKernels, AreRightInEveryOrder) {
  expect_right({Order::forward, 1});
  expect_right({Order::reverse, 1});
  for (std::uint64_t seed = 1; seed <= kRandomOrders; ++seed) {
    SCOPED_TRACE("random order, seed " + std::to_string(seed));
    ASSERT_NO_FATAL_FAILURE(expect_right({Order::random, seed}));
  }
}

const auto name_of = [](const auto& test) { return std::string(test.param.name); };
INSTANTIATE_TEST_SUITE_P(Blocks, TrickyKernels, testing::ValuesIn(tricky_block_kernels()), name_of);
INSTANTIATE_TEST_SUITE_P(Grids, TrickyKernels, testing::ValuesIn(tricky_grid_kernels()), name_of);

}  // namespace
}  // namespace gan::emulation
