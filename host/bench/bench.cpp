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

BenchResult bench(const run::RunSpec& spec, const data::Images& images, const BenchPlan& plan) {
  const double launches = is_on_cpu(spec) ? 0 : train::cuda_launches_per_step(spec, images);
  const auto engine = train::make_engine(spec, images);
  engine->timed_run(kWarmUp);
  BenchResult result{engine->device_name(),
                     is_on_cpu(spec) ? "" : gpu::cuda_driver(),
                     spec,
                     step_work(spec),
                     plan.iterations > 0 ? plan.iterations : iterations_that_fit(*engine),
                     {},
                     launches,
                     {}};
  for (int i = 0; i < plan.repeats; ++i)
    result.us.push_back(engine->timed_run(result.iterations) / result.iterations * 1e6);
  std::ranges::sort(result.us);
  result.ceilings = measure_ceilings(spec);
  return result;
}

}  // namespace gan::bench
