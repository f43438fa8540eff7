#include <gmock/gmock.h>

#include "host/train/cuda_engine.h"

namespace gan {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Device, AutoTakesAGpuWhereThereIsOne) {
  EXPECT_EQ(resolve_device("auto"), cuda_devices().count > 0 ? "cuda:0" : "cpu");
  EXPECT_EQ(resolve_device("cpu"), "cpu");
}

TEST(Device, RefusesWhatIsNoDevice) {
  for (const char* device : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x", "", "CPU"})
    EXPECT_THAT([&] { resolve_device(device); }, ThrowsMessage<UsageError>(HasSubstr("--device")))
        << device;
}

TEST(Device, NamesTheReasonWhenThereIsNoSuchGpu) {
  EXPECT_THAT([] { resolve_device("cuda:99"); }, ThrowsMessage<UsageError>(HasSubstr("cuda:99")));
}

}  // namespace
}  // namespace gan
