#include "host/bench/bench.h"

#include <algorithm>

#include "host/bench/spread.h"
#include "host/model/cpu_backend.h"
#include "host/train/cuda_engine.h"

namespace gan::bench {
namespace {

constexpr double kRepeatSeconds = 0.5;
constexpr std::int64_t kWarmUp = 20, kMostIterations = 1'000'000;

int iterations_that_fit(train::Engine& engine) {
  const double seconds = engine.timed_run(kWarmUp) / static_cast<double>(kWarmUp);
  return static_cast<int>(
      std::clamp(kRepeatSeconds / seconds, 1.0 * kWarmUp, static_cast<double>(kMostIterations)));
}

bool is_on_cpu(const run::RunSpec& spec) {
  return spec.device == run::kCpu;
}

}  // namespace

Ceilings measure_ceilings(const run::RunSpec& spec) {
  return is_on_cpu(spec) ? measure_ceilings(model::CpuBackend<float>())
                         : measure_cuda_ceilings(spec);
}

double BenchResult::us_median() const {
  return median(us);
}

double BenchResult::us_spread() const {
  return spread(us);
}

namespace {

// What a rank gets from the others in a step: their parts, or by a ring of additions twice their
// share of the sums.
double bytes_exchanged(const run::RunSpec& spec, int ranks) {
  const std::size_t values =
      model::part_size(spec.generator()) + model::part_size(spec.discriminator());
  const int times = spec.reduce == run::Reduce::exact ? spec.shards : 2;
  return static_cast<double>(values * sizeof(float)) * times * (ranks - 1) / ranks;
}

// Without the ceilings, which other ranks would disturb.
BenchResult timed(const run::RunSpec& spec, const BenchPlan& plan, train::Engine& engine) {
  engine.timed_run(kWarmUp);
  BenchResult result{engine.device_name(),
                     is_on_cpu(spec) ? "" : gpu::cuda_driver(),
                     spec,
                     step_work(spec),
                     plan.iterations > 0 ? plan.iterations : iterations_that_fit(engine),
                     {},
                     0,
                     {}};
  for (int i = 0; i < plan.repeats; ++i)
    result.us.push_back(engine.timed_run(result.iterations) / result.iterations * 1e6);
  std::ranges::sort(result.us);
  return result;
}

}  // namespace

BenchResult bench(const run::RunSpec& spec, const data::Images& images, const BenchPlan& plan) {
  const double launches = is_on_cpu(spec) ? 0 : train::cuda_launches_per_step(spec, images);
  BenchResult result = timed(spec, plan, *train::make_engine(spec, images));
  result.launches_per_iteration = launches;
  result.ceilings = measure_ceilings(spec);
  return result;
}

BenchResult bench_shared(const run::RunSpec& spec, const data::Images& images,
                         const BenchPlan& plan, train::Engine& engine, train::Exchange& exchange,
                         int ranks) {
  const double us_alone = timed(spec, plan, *train::make_engine(spec, images)).us_median();
  const std::int64_t first = engine.step();
  exchange.take_seconds();
  BenchResult result = timed(spec, plan, engine);
  std::optional<double> exchange_us = exchange.take_seconds();
  if (exchange_us) *exchange_us *= 1e6 / static_cast<double>(engine.step() - first);
  result.shared = {ranks, us_alone, exchange_us, bytes_exchanged(spec, ranks)};
  result.ceilings = measure_ceilings(spec);
  result.ceilings.flops_per_s *= ranks;
  result.ceilings.bytes_per_s *= ranks;
  return result;
}

}  // namespace gan::bench
