// All of `gan_cuda bench --hand-overs`, on a GPU or emulated, where times mean nothing.
#include "host/bench/sync_latency.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/kernels/backends.h"

namespace gan::bench {
namespace {

class SyncLatencyBench : public BackendTest {
 protected:
  static SyncLatencyResult measure() {
    return measure_sync_latency(0,
                                {.repeats = 3, .rounds = 8, .persistent_shared_bytes = 48 << 10});
  }
};

TEST_F(SyncLatencyBench, EveryOneIsMeasuredOrSaysWhyNot) {
  const SyncLatencyResult result = measure();
  EXPECT_EQ(result.device, backend().device_name());
  std::vector<std::string> names;
  for (const SyncLatency& latency : result.latencies) {
    SCOPED_TRACE(latency.name);
    names.push_back(latency.name);
    EXPECT_EQ(latency.ns.size(), latency.why_not.empty() ? 3u : 0u);
    EXPECT_TRUE(std::ranges::is_sorted(latency.ns));
    EXPECT_TRUE(std::ranges::all_of(latency.ns, [](double ns) { return std::isfinite(ns); }));
  }
  EXPECT_EQ(names, (std::vector<std::string>{
                       "barrier_grid_sync", "barrier_counter", "barrier_two_levels", "flag",
                       "cluster_barrier_4", "cluster_barrier_8", "cluster_barrier_16", "graph_node",
                       "graph_node_early", "stream_launch", "load_8_kb", "load_32_kb"}));
}

TEST_F(SyncLatencyBench, SaysWhatTookPart) {
  const SyncLatencyResult result = measure();
  const std::size_t all = result.multiprocessors;
  using Counts = decltype(SyncLatency::counts);
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
  for (const SyncLatency& latency : result.latencies) {
    const auto counts = expected.find(latency.name);
    if (counts == expected.end()) continue;
    EXPECT_EQ(latency.counts, counts->second) << latency.name;
    ++found;
  }
  EXPECT_EQ(found, expected.size());
}

}  // namespace
}  // namespace gan::bench
