#include "host/bench/sync_latency.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "host/gpu/cuda_backend.h"
#include "host/gpu/cuda_graph.h"
#include "kernels/cuda/clusters.h"
#include "kernels/cuda/sync_latency.h"

namespace gan::bench {
namespace {

constexpr int kWithClusters = 90;  // compute capability

class SyncLatencyBench {
 public:
  SyncLatencyBench(int device, const SyncLatencyPlan& plan)
      : plan_(plan),
        capability_(gpu::cuda_compute_capability(device)),
        backend_(device),
        blocks_(multiprocessors()),
        flags_(model::zeroed<gpu::CudaBackend, unsigned>(backend_, sync_flags(blocks_))),
        sums_(backend_.allocate<unsigned>(count() * kSyncThreads)),
        payloads_(backend_.allocate<unsigned>(2 * count() * kLargePayload / sizeof(unsigned))) {}

  SyncLatencyResult result() const {
    return {
        backend_.device_name(),
        gpu::cuda_driver(),
        count(),
        {barrier("barrier_grid_sync", "barrier of all blocks: grid.sync()",
                 BarrierKind::cooperative_groups),
         barrier("barrier_counter", "barrier of all blocks: a counter", BarrierKind::counter),
         barrier("barrier_two_levels", "barrier of all blocks: counters in two levels",
                 BarrierKind::two_levels),
         flag(), cluster_barrier(4), cluster_barrier(8), cluster_barrier(16),
         graph_node("graph_node", "node of a graph", KernelStart::after_predecessor),
         graph_node("graph_node_early", "node of a graph that starts early", KernelStart::early),
         stream_launch(), load(kSmallPayload), load(kLargePayload)}};
  }

 private:
  using Enqueue = std::function<void(int latencies)>;

  std::size_t count() const { return static_cast<std::size_t>(blocks_); }

  // Nanoseconds of one of the synchronisation that `enqueue` enqueues.
  double ns_of_one(const Enqueue& enqueue) const {
    const auto seconds = [&](int n) { return backend_.seconds([&] { enqueue(n); }); };
    const double shorter = seconds(plan_.rounds);
    return (seconds(2 * plan_.rounds) - shorter) / plan_.rounds * 1e9;
  }

  // The first one warms up.
  void repeat(SyncLatency& latency, const std::function<double(int repeat)>& measure) const {
    measure(0);
    for (int i = 0; i < plan_.repeats; ++i) latency.ns.push_back(measure(i));
    std::ranges::sort(latency.ns);
  }

  SyncLatency of_all_blocks(std::string name, std::string what) const {
    return {std::move(name), std::move(what), {}, "", {{"blocks", count()}}};
  }

  double ns_of_round(BarrierRounds what) const {
    what.blocks = blocks_;
    return ns_of_one([&](int n) {
      what.rounds = static_cast<unsigned>(n);
      backend_.zero(flags_.get(), sync_flags(blocks_));
      barrier_rounds({sums_.get(), payloads_.get(), flags_.get()}, what, backend_.stream);
    });
  }

  SyncLatency barrier(const char* name, const char* what, BarrierKind kind) const {
    SyncLatency barrier = of_all_blocks(name, what);
    repeat(barrier, [&](int) { return ns_of_round({.barrier = kind}); });
    return barrier;
  }

  // Every repeat has another pair, from all over the GPU: some are nearer to each other.
  SyncLatency flag() const {
    SyncLatency flag{"flag", "flag from one multiprocessor to another", {}, "", {{"blocks", 2}}};
    if (blocks_ < 2) {
      flag.why_not = "there is one multiprocessor only";
      return flag;
    }
    repeat(flag, [&](int i) {
      const int partner = 1 + i * (blocks_ - 1) / plan_.repeats;
      const double there_and_back = ns_of_one([&](int n) {
        backend_.zero(flags_.get(), 1);
        flag_rounds(flags_.get(), blocks_, partner, static_cast<unsigned>(n), backend_.stream);
      });
      return there_and_back / 2;
    });
    return flag;
  }

  // As many as fit with one block on a multiprocessor, all at the same time.
  SyncLatency cluster_barrier(int blocks) const {
    SyncLatency barrier{fmt::format("cluster_barrier_{}", blocks),
                        fmt::format("barrier of a cluster of {} blocks", blocks),
                        {},
                        "",
                        {}};
    if (capability_ < kWithClusters) {
      barrier.why_not = "clusters need compute capability 9.0";
      return barrier;
    }
    const Clusters whole{blocks, most_shared_bytes()};
    const int fit = clusters_that_fit(whole);
    const int persistent = clusters_that_fit({blocks, plan_.persistent_shared_bytes});
    barrier.counts = {{"clusters", static_cast<std::size_t>(fit)},
                      {"clusters_persistent_memory", static_cast<std::size_t>(persistent)}};
    if (fit == 0)
      barrier.why_not = fmt::format("not one cluster of {} blocks fits", blocks);
    else
      repeat(barrier, [&](int) {
        return ns_of_one([&](int n) {
          cluster_rounds(sums_.get(), whole, fit, static_cast<unsigned>(n), backend_.stream);
        });
      });
    return barrier;
  }

  CudaStream stream_that_starts(KernelStart start) const { return {backend_.stream, start}; }

  // The graph is a quarter of the nodes, for a launch of it costs little beside them.
  SyncLatency graph_node(const char* name, const char* what, KernelStart start) const {
    constexpr int kLaunches = 4;
    SyncLatency node = of_all_blocks(name, what);
    if (start == KernelStart::early && capability_ < kWithClusters) {
      node.why_not = "programmatic dependent launch needs compute capability 9.0";
      return node;
    }
    const gpu::CudaGraph graph(backend_, [&] {
      for (int i = 0; i < plan_.rounds / kLaunches; ++i)
        empty_kernel(blocks_, stream_that_starts(start));
    });
    node.counts.emplace_back("nodes", graph.nodes());
    repeat(node, [&](int) {
      return ns_of_one([&](int n) {
        for (int i = 0; i < n / (plan_.rounds / kLaunches); ++i) graph.launch();
      });
    });
    return node;
  }

  SyncLatency stream_launch() const {
    SyncLatency launch = of_all_blocks("stream_launch", "launch on a stream");
    repeat(launch, [&](int) {
      return ns_of_one([&](int n) {
        for (int i = 0; i < n; ++i) empty_kernel(blocks_, backend_.stream);
      });
    });
    return launch;
  }

  // What a round with loads takes longer than one without.
  SyncLatency load(std::size_t bytes) const {
    SyncLatency load = of_all_blocks(
        fmt::format("load_{}_kb", bytes >> 10),
        fmt::format("{} KB of another block's, from L2 to shared memory", bytes >> 10));
    load.counts.emplace_back("bytes", bytes);
    repeat(load, [&](int) {
      const double with_loads =
          ns_of_round({.payload = Payload::written_and_loaded, .payload_bytes = bytes});
      return with_loads - ns_of_round({.payload = Payload::written, .payload_bytes = bytes});
    });
    return load;
  }

  SyncLatencyPlan plan_;
  int capability_;
  gpu::CudaBackend backend_;
  int blocks_;
  gpu::CudaBackend::Array<unsigned> flags_, sums_, payloads_;
};

}  // namespace

SyncLatencyResult measure_sync_latency(int device, const SyncLatencyPlan& plan) {
  return SyncLatencyBench(device, plan).result();
}

}  // namespace gan::bench
