// All of `gan_cuda bench --hand-overs`, on a GPU or emulated, where times mean nothing.
#include "host/bench/hand_overs.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/kernels/backends.h"

namespace gan::bench {
namespace {

class HandOversBench : public BackendTest {
 protected:
  static HandOverResult measure() {
    return measure_hand_overs(0, {.repeats = 3, .rounds = 8, .persistent_shared_bytes = 48 << 10});
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
  const std::size_t all = result.multiprocessors;
  using Counts = decltype(HandOver::counts);
  const std::map<std::string, Counts> expected = {
      {"barrier_grid_sync", {{"blocks", all}}},
      {"barrier_counter", {{"blocks", all}}},
      {"barrier_two_levels", {{"blocks", all}}},
      {"flag", {{"blocks", 2}}},
      {"graph_node", {{"blocks", all}, {"nodes", 2}}},
      {"stream_launch", {{"blocks", all}}},
      {"load_8_kb", {{"blocks", all}, {"bytes", 8192}}},
      {"load_32_kb", {{"blocks", all}, {"bytes", 32768}}}};
  std::size_t found = 0;
  for (const HandOver& hand_over : result.hand_overs) {
    const auto counts = expected.find(hand_over.name);
    if (counts == expected.end()) continue;
    EXPECT_EQ(hand_over.counts, counts->second) << hand_over.name;
    ++found;
  }
  EXPECT_EQ(found, expected.size());
}

}  // namespace
}  // namespace gan::bench
