// Times the training loop as it trains: fresh batches, fresh noise, losses recorded.
#pragma once
#include <optional>
#include <vector>

#include "host/bench/ceilings.h"
#include "host/bench/step_work.h"
#include "host/train/ranked_engine.h"

namespace gan::bench {

struct BenchPlan {
  int iterations = 0;  // of one repeat; 0: as many as take about half a second
  int repeats = 9;
};

// What several ranks take beside what one of them takes alone.
struct SharedStep {
  int ranks;
  double us_alone;                    // an iteration of the same shards on rank 0 alone
  std::optional<double> exchange_us;  // of an iteration on rank 0, with waiting; none on a GPU
  double bytes;                       // of an iteration, from the other ranks

  double efficiency(double us) const { return us_alone / (ranks * us); }
};

struct BenchResult {
  std::string device, driver;
  run::RunSpec spec;
  StepWork work;
  int iterations;
  std::vector<double> us;         // per iteration, of each repeat, in ascending order
  double launches_per_iteration;  // 0 on a CPU
  Ceilings ceilings;              // of all ranks together
  std::optional<SharedStep> shared = {};

  double us_median() const;
  double us_spread() const;  // half the distance between the quartiles
  double flops_per_s() const { return work.flops / us_median() * 1e6; }
};

// Warms up, runs the repeats, then measures the ceilings.  `spec` as make_engine() takes it,
// resolved.
BenchResult bench(const run::RunSpec& spec, const data::Images& images, const BenchPlan& plan);

// The same of an engine whose steps `ranks` ranks share by `exchange`, and of one rank alone.
BenchResult bench_shared(const run::RunSpec& spec, const data::Images& images,
                         const BenchPlan& plan, train::Engine& engine, train::Exchange& exchange,
                         int ranks);

}  // namespace gan::bench
