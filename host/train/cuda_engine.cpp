#include "host/train/cuda_engine.h"

#include "host/train/device_engine.h"
#include "host/train/fused_steps.h"
#include "host/train/graph_steps.h"

namespace gan::train {
namespace {

using gpu::CudaBackend;
using run::EngineKind;

bool is_fused(EngineKind engine) {
  return engine == EngineKind::fused || engine == EngineKind::persistent;
}

gpu::CudaSettings settings_of(const run::RunSpec& spec) {
  constexpr int kStartsEarly = 90;  // compute capability
  gpu::CudaSettings settings{.precision = spec.precision};
  const bool starts_early = spec.engine == EngineKind::graph_pdl ||
                            (spec.engine == EngineKind::fused &&
                             gpu::cuda_compute_capability(spec.device.number) >= kStartsEarly);
  if (starts_early) settings.start = KernelStart::early;
  if (spec.engine == EngineKind::graph || spec.engine == EngineKind::graph_pdl)
    settings.branches = gpu::Branches::side;
  return settings;
}

// The strategy that launches every kernel of a step.
std::unique_ptr<StepStrategy> launches_of(const CudaBackend& backend, RunState<CudaBackend>& state,
                                          Exchange& exchange) {
  if (is_fused(state.spec().engine))
    return std::make_unique<FusedSteps>(backend, state.gan(), state.data(), state.spec().precision);
  exchange.enqueue_on(backend.stream);
  return launched_steps(backend, state.gan(), state.data(), exchange);
}

std::unique_ptr<StepStrategy> steps_of(const CudaBackend& backend, RunState<CudaBackend>& state,
                                       Exchange& exchange) {
  const run::RunSpec& spec = state.spec();
  if (spec.engine == EngineKind::persistent)
    return std::make_unique<PersistentSteps>(backend, state.gan(), state.data(), spec.precision,
                                             spec.steps_per_epoch());
  auto launches = launches_of(backend, state, exchange);
  if (spec.engine == EngineKind::plain) return launches;
  return std::make_unique<GraphSteps>(backend, std::move(launches), spec.batch);
}

}  // namespace

std::unique_ptr<Engine> make_cuda_engine(const run::RunSpec& spec, const data::Images& images,
                                         Exchange& exchange) {
  const auto steps = [&](const CudaBackend& backend, RunState<CudaBackend>& state) {
    return steps_of(backend, state, exchange);
  };
  return std::make_unique<DeviceEngine<CudaBackend>>(spec, images, steps, spec.device.number,
                                                     settings_of(spec));
}

double cuda_launches_per_step(const run::RunSpec& spec, const data::Images& images) {
  if (spec.engine == EngineKind::persistent) {
    // One on the whole batches of an epoch, and one on its smaller last one.
    const int launches = spec.data.count % spec.batch == 0 ? 1 : 2;
    return launches / static_cast<double>(spec.steps_per_epoch());
  }
  const CudaBackend backend(spec.device.number, settings_of(spec));
  RunState<CudaBackend> state(backend, spec, images);
  const auto launches = launches_of(backend, state, alone());
  const auto enqueue = [&] {
    for (std::int64_t step = 0; step < spec.d_steps; ++step)
      launches->enqueue({1, spec.batch, model::turn_after(step, spec.d_steps)});
  };
  state.next(1);
  enqueue();  // cuBLAS cannot be recorded when it is first called
  const gpu::CudaGraph steps(backend, enqueue);
  return static_cast<double>(steps.nodes()) / spec.d_steps;
}

}  // namespace gan::train
