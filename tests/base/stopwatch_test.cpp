#include "host/base/stopwatch.h"

#include <gtest/gtest.h>

#include <thread>

namespace gan::base {
namespace {

using namespace std::chrono_literals;

TEST(Stopwatch, StandsStillInAPauseOnly) {
  Stopwatch stopwatch(100);
  std::this_thread::sleep_for(2ms);
  double at_pause = 0;
  {
    const Stopwatch::Pause pause(stopwatch);
    at_pause = stopwatch.seconds();
    EXPECT_GE(at_pause, 100.002);
    std::this_thread::sleep_for(2ms);
    EXPECT_EQ(stopwatch.seconds(), at_pause);
    std::this_thread::sleep_for(50ms);
  }
  const double after = stopwatch.seconds();
  EXPECT_LT(after, at_pause + 0.050) << "the pause was counted";
  std::this_thread::sleep_for(2ms);
  EXPECT_GE(stopwatch.seconds(), after + 0.002);
}

}  // namespace
}  // namespace gan::base
