// The engines of a GPU that take the plain step: launch by launch, or in recorded graphs.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "host/gpu/cuda_graph.h"
#include "host/train/plain_engine.h"

namespace gan::train {

class CudaPlainEngine : public PlainEngine<gpu::CudaBackend> {
 public:
  using PlainEngine::PlainEngine;
  std::string device_name() const override { return backend().device_name(); }
  std::string driver() const override { return backend().driver(); }

  double launches_per_step() override {
    const gpu::CudaGraph step(backend(), [this] { enqueue_launches(1, spec().batch); });
    return static_cast<double>(step.nodes());
  }

  void profile(run::StepRange steps) override { profiled_ = steps; }

  // In parts that begin and end where the profiler does.
  void run(std::int64_t steps) override {
    for (const std::int64_t end = step() + steps; step() < end;) {
      std::int64_t next = end;
      for (const std::int64_t edge : {profiled_.first - 1, profiled_.last})
        if (edge > step()) next = std::min(next, edge);
      if (step() == profiled_.first - 1) backend().start_profiler();
      PlainEngine::run(next - step());
      if (step() == profiled_.last) backend().stop_profiler();
    }
  }

 protected:
  void enqueue(std::int64_t steps, int rows) override { enqueue_launches(steps, rows); }

  // Enqueues steps as enqueue(), launch by launch.
  virtual void enqueue_launches(std::int64_t steps, int rows) { PlainEngine::enqueue(steps, rows); }

 private:
  run::StepRange profiled_{0, 0};  // none
};

// The same launches, captured once as CUDA graphs: the GPU goes from kernel to kernel without the
// host, and the gradients of the weights are computed in a fork, in parallel with those of the
// layers below. The step number lies in device memory, so one graph is every step of its size, and
// the bytes are those of the launches.
class GraphEngine : public CudaPlainEngine {
 public:
  using CudaPlainEngine::CudaPlainEngine;

 protected:
  void enqueue(std::int64_t steps, int rows) override {
    const bool full = rows == spec().batch;
    // cuBLAS loads its kernels when they are first called, which it cannot do while it is recorded.
    bool& warm = full ? full_is_warm_ : last_is_warm_;
    if (!std::exchange(warm, true)) {
      enqueue_launches(1, rows);
      --steps;
    }
    if (!full) {
      for (; steps > 0; --steps) captured(last_, 1, rows).launch();
      return;
    }
    while (steps > 0) {
      const std::size_t power =
          std::min<std::size_t>(kPowers - 1, std::bit_width(static_cast<std::uint64_t>(steps)) - 1);
      captured(full_[power], std::int64_t{1} << power, rows).launch();
      steps -= std::int64_t{1} << power;
    }
  }

 private:
  static constexpr std::size_t kPowers = 5;  // graphs of 1, 2, 4, 8 and 16 steps

  const gpu::CudaGraph& captured(std::optional<gpu::CudaGraph>& graph, std::int64_t steps,
                                 int rows) {
    if (!graph) graph.emplace(backend(), [&] { enqueue_launches(steps, rows); });
    return *graph;
  }

  bool full_is_warm_ = false, last_is_warm_ = false;
  std::array<std::optional<gpu::CudaGraph>, kPowers> full_;  // [k]: 2ᵏ steps of whole batches
  std::optional<gpu::CudaGraph> last_;                       // the smaller last batch of an epoch
};

}  // namespace gan::train
