// What the synchronisation' benchmark gives the GPU to do, which the emulated runtime counts.
#include <gtest/gtest.h>

#include "host/bench/sync_latency.h"
#include "tests/emulation/emulation.h"

namespace gan::bench {
namespace {

// A warm-up and two repeats of two runs each: one launch for each of the three barriers and the
// flag, two for each of the loads' two sizes; of a launch on the stream, and of a node of the two
// graphs, 8 in the shorter and 16 in the longer run, the nodes in graphs of 2.
TEST(SyncLatencyLaunches, TheLongerRunHasTwiceAsMany) {
  const emulation::Counters before = emulation::counters();
  measure_sync_latency(0, {.repeats = 2, .rounds = 8});
  const emulation::Counters& after = emulation::counters();
  const std::size_t runs = 2 * 3, launched_once = 3 + 1 + 2 * 2, nodes = 2 * 3 * (8 + 16);
  EXPECT_EQ(after.graph_nodes - before.graph_nodes, nodes);
  EXPECT_EQ(after.graph_launches - before.graph_launches, nodes / 2);
  EXPECT_EQ(after.launches - before.launches, runs * launched_once + nodes + 3 * (8 + 16));
}

}  // namespace
}  // namespace gan::bench
