// AddressSanitizer and UBSan see both ends of the emulated memory: what they find ends the program.
#include <gtest/gtest.h>

#include "tests/emulation/broken_kernels.h"
#include "tests/emulation/device_array.h"

namespace gan::emulation {
namespace {

class Overruns : public testing::TestWithParam<BrokenKernel> {};

TEST_P(Overruns, EndTheProgram) {
  const std::vector<float> values(kBrokenSize, 1.0f);
  const DeviceArray<float> x(values), y(values);
  const auto launch = [&] { GetParam().launch({x.get(), y.get(), nullptr, nullptr, nullptr}); };
  EXPECT_DEATH(launch(), GetParam().finding.front());
}

INSTANTIATE_TEST_SUITE_P(All, Overruns, testing::ValuesIn(overrunning_kernels()),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace gan::emulation
