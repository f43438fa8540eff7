// Shuffles, lane by lane, against the pseudocode of the PTX instruction shfl.sync.
#include <gtest/gtest.h>

#include "tests/emulation/device_array.h"
#include "tests/emulation/shuffle_kernel.h"

namespace gan::emulation {
namespace {

// PTX ISA, "shfl.sync": operand c holds a clamp in its lower five bits and the mask of the segment
// in bits 8 to 12, as __shfl_*_sync sets them for a width.
int lane_read(Shuffle shuffle, int lane, int argument, int width) {
  const int segment_mask = 32 - width, clamp = shuffle == Shuffle::up ? 0 : 31;
  const int max_lane = (lane & segment_mask) | (clamp & ~segment_mask);
  const int min_lane = lane & segment_mask;
  int source = 0;
  bool is_valid = false;
  switch (shuffle) {
    case Shuffle::up:
      source = lane - argument;
      is_valid = source >= max_lane;
      break;
    case Shuffle::down:
      source = lane + argument;
      is_valid = source <= max_lane;
      break;
    case Shuffle::exclusive_or:
      source = lane ^ argument;
      is_valid = source <= max_lane;
      break;
    case Shuffle::from:
      source = min_lane | (argument & ~segment_mask & 31);
      is_valid = source <= max_lane;
      break;
  }
  return is_valid ? source : lane;
}

TEST(Shuffles, ReadTheLanesThatTheInstructionReads) {
  const DeviceArray<int> y(32);
  for (const Shuffle shuffle : {Shuffle::from, Shuffle::up, Shuffle::down, Shuffle::exclusive_or})
    for (int width = 1; width <= 32; width *= 2)
      for (const int argument : {0, 1, 3, 8, 16, 31}) {
        launch_shuffle(y.get(), shuffle, argument, width);
        const std::vector<int> values = y.values();
        for (int lane = 0; lane < 32; ++lane)
          ASSERT_EQ(values[static_cast<std::size_t>(lane)],
                    lane_read(shuffle, lane, argument, width))
              << "shuffle " << static_cast<int>(shuffle) << " width " << width << " argument "
              << argument << " lane " << lane;
      }
}

}  // namespace
}  // namespace gan::emulation
