// What it costs on a GPU to hand work over from one multiprocessor to others: the figures that
// decide how a step is divided among them (docs/performance.md).
#pragma once
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace gan::bench {

struct SyncLatencyPlan {
  int repeats = 9;
  int rounds = 2000;  // synchronisation of the shorter run of a repeat: a multiple of 4
  std::size_t persistent_shared_bytes = 0;  // of a block of the persistent kernel
};

struct SyncLatency {
  std::string name;        // for programs
  std::string what;        // for readers
  std::vector<double> ns;  // of one, of each repeat, in ascending order; empty: see why_not
  std::string why_not;     // empty if it was measured
  std::vector<std::pair<std::string, std::size_t>> counts;  // of what takes part, by name
};

struct SyncLatencyResult {
  std::string device, driver;
  std::size_t multiprocessors;
  std::vector<SyncLatency> latencies;
};

// On GPU number `device`.  The time of one is the difference of two runs by CUDA events, of which
// one hands over twice as often, so that what happens once in a run does not count.
SyncLatencyResult measure_sync_latency(int device, const SyncLatencyPlan& plan);

}  // namespace gan::bench
