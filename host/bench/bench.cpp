#include "host/bench/bench.h"

#include <algorithm>

#include "host/bench/spread.h"

namespace gan::bench {
namespace {

constexpr double kRepeatSeconds = 0.5;
constexpr std::int64_t kWarmUp = 20, kMostIterations = 1'000'000;

int iterations_that_fit(train::Engine& engine) {
  const double seconds = engine.timed_run(kWarmUp) / static_cast<double>(kWarmUp);
  return static_cast<int>(
      std::clamp(kRepeatSeconds / seconds, 1.0 * kWarmUp, static_cast<double>(kMostIterations)));
}

}  // namespace

double BenchResult::us_median() const {
  return median(us);
}

double BenchResult::us_spread() const {
  return spread(us);
}

BenchResult bench(const run::RunSpec& spec, const data::Images& images, const BenchPlan& plan) {
  const auto engine = train::make_engine(spec, images);
  engine->timed_run(kWarmUp);
  BenchResult result{engine->device_name(),
                     engine->driver(),
                     spec,
                     step_work(spec),
                     plan.iterations > 0 ? plan.iterations : iterations_that_fit(*engine),
                     {},
                     engine->launches_per_step(),
                     {}};
  for (int i = 0; i < plan.repeats; ++i)
    result.us.push_back(engine->timed_run(result.iterations) / result.iterations * 1e6);
  std::ranges::sort(result.us);
  result.ceilings = engine->ceilings();
  return result;
}

}  // namespace gan::bench
