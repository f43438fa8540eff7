// All of `gan_cuda bench --hand-overs`, on a GPU or emulated, where times mean nothing.
#include "host/bench/hand_overs.h"

#include <algorithm>
#include <cmath>

#include "tests/kernels/backends.h"

namespace gan::test {
namespace {

class HandOversBench : public BackendTest {
 protected:
  static HandOverResult measure() {
    return measure_hand_overs(0, {.repeats = 3, .rounds = 8, .persistent_shared_bytes = 48 << 10});
  }
  static std::size_t count_of(const HandOver& hand_over, const std::string& name) {
    for (const auto& [counted, count] : hand_over.counts)
      if (counted == name) return count;
    return 0;
  }
};

TEST_F(HandOversBench, EveryOneIsMeasuredOrSaysWhyNot) {
  const HandOverResult result = measure();
  EXPECT_EQ(result.device, backend().device_name());
  std::vector<std::string> names;
  for (const HandOver& hand_over : result.hand_overs) {
    SCOPED_TRACE(hand_over.name);
    names.push_back(hand_over.name);
    EXPECT_EQ(hand_over.ns.size(), hand_over.why_not.empty() ? 3u : 0u);
    EXPECT_TRUE(std::ranges::is_sorted(hand_over.ns));
    EXPECT_TRUE(std::ranges::all_of(hand_over.ns, [](double ns) { return std::isfinite(ns); }));
  }
  EXPECT_EQ(names, (std::vector<std::string>{
                       "barrier_grid_sync", "barrier_counter", "barrier_two_levels", "flag",
                       "cluster_barrier_4", "cluster_barrier_8", "cluster_barrier_16", "graph_node",
                       "graph_node_early", "stream_launch", "load_8_kb", "load_32_kb"}));
}

TEST_F(HandOversBench, SaysWhatTookPart) {
  const HandOverResult result = measure();
  for (const HandOver& hand_over : result.hand_overs) {
    SCOPED_TRACE(hand_over.name);
    if (hand_over.name == "flag")
      EXPECT_EQ(count_of(hand_over, "blocks"), 2u);
    else if (!hand_over.name.starts_with("cluster"))
      EXPECT_EQ(count_of(hand_over, "blocks"), result.multiprocessors);
    if (hand_over.name.starts_with("graph_node") && hand_over.why_not.empty())
      EXPECT_EQ(count_of(hand_over, "nodes"), 2u);
    if (hand_over.name.starts_with("load"))
      EXPECT_EQ(count_of(hand_over, "bytes"), hand_over.name == "load_8_kb" ? 8192u : 32768u);
    if (hand_over.name.starts_with("cluster") && hand_over.why_not.empty())
      EXPECT_GE(count_of(hand_over, "clusters_persistent_memory"), count_of(hand_over, "clusters"));
  }
}

}  // namespace
}  // namespace gan::test
