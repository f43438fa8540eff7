// Steps recorded once as CUDA graphs.
#pragma once
#include <array>
#include <cstddef>
#include <memory>
#include <optional>

#include "host/gpu/cuda_graph.h"
#include "host/train/step_strategy.h"

namespace gan::train {

// The launches of another strategy, recorded and replayed: the GPU goes from kernel to kernel
// without the host.  The step number lies in device memory, so one graph serves every step of its
// size, and the results are those of the launches, to the bit.
class GraphSteps : public StepStrategy {
 public:
  // `batch`: rows of a full batch.
  GraphSteps(const gpu::CudaBackend& backend, std::unique_ptr<StepStrategy> launches, int batch)
      : backend_(backend), launches_(std::move(launches)), batch_(batch) {}

  void enqueue(Part part) override;
  void prepare() override { launches_->prepare(); }
  void forget() override { launches_->forget(); }

 private:
  static constexpr std::size_t kPowers = 5;  // graphs of 1, 2, 4, 8 and 16 steps

  // Of parts that differ in the number of their steps only.
  struct Graphs {
    bool is_warm = false;
    std::array<std::optional<gpu::CudaGraph>, kPowers> graphs;  // [k]: 2ᵏ steps
  };

  Graphs& graphs_of(const Part& part);
  const gpu::CudaGraph& recorded(std::optional<gpu::CudaGraph>& graph, const Part& part);

  const gpu::CudaBackend& backend_;
  std::unique_ptr<StepStrategy> launches_;
  int batch_;
  std::array<Graphs, 4> graphs_;  // for both turns, of whole batches and of an epoch's last one
};

}  // namespace gan::train
