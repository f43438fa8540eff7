// The engine of a device: a run's state, and a strategy that takes its steps.
#pragma once
#include <algorithm>
#include <memory>
#include <utility>

#include "host/train/engine.h"
#include "host/train/run_state.h"
#include "host/train/step_strategy.h"

namespace gan::train {

template <model::Backend B>
class DeviceEngine final : public Engine {
 public:
  // make_steps(backend, state) gives the strategy.  `arguments` construct the backend.
  template <class MakeSteps, class... Arguments>
  DeviceEngine(const run::RunSpec& spec, const data::Images& images, const MakeSteps& make_steps,
               Arguments&&... arguments)
      : backend_(std::forward<Arguments>(arguments)...),
        state_(backend_, spec, images),
        steps_(make_steps(std::as_const(backend_), state_)) {}

  std::string device_name() const override { return backend_.device_name(); }
  std::int64_t step() const override { return state_.step(); }
  std::int64_t stride() const override { return steps_->stride(); }

  // In parts, split at the steps where the profiler starts and stops.
  void run(std::int64_t steps) override {
    [[maybe_unused]] typename B::Computing computing;
    for (const std::int64_t end = step() + steps; step() < end;) {
      std::int64_t next = end;
      for (const std::int64_t edge : {profiled_.first - 1, profiled_.last})
        if (edge > step()) next = std::min(next, edge);
      if (step() == profiled_.first - 1) backend_.start_profiler();
      while (step() < next) {
        const Part part = state_.next(next - step());
        steps_->enqueue(part);
        state_.advance(part.steps);
      }
      if (step() == profiled_.last) backend_.stop_profiler();
    }
  }

  double timed_run(std::int64_t steps) override {
    return backend_.seconds([&] { run(steps); });
  }

  void profile(run::StepRange steps) override {
    if (!B::kHasProfiler)
      throw base::UsageError("--profile-steps needs a GPU, and this run is on the CPU");
    profiled_ = steps;
  }

  void request_losses() override { state_.request_losses(); }
  bool losses_arrived() const override { return state_.losses_arrived(); }
  std::vector<StepLosses<float>> take_losses() override { return state_.take_losses(); }
  std::vector<float> generate(std::span<const float> z, run::GeneratorWeights weights,
                              std::span<const std::uint8_t> classes) override {
    return state_.generate(z, weights, classes);
  }
  std::vector<io::Tensor> state() override { return state_.tensors(); }
  void restore(const io::TensorFile& state, std::int64_t step) override {
    state_.restore(state, step);
    steps_->forget();
  }

 private:
  B backend_;
  RunState<B> state_;
  std::unique_ptr<StepStrategy> steps_;
  run::StepRange profiled_{0, 0};  // none
};

}  // namespace gan::train
