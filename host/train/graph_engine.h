// The plain steps, captured once as CUDA graphs: a GPU goes from kernel to kernel without the host.
// The step number lies in device memory, so the same graph is every step of its size.
#pragma once
#include <array>
#include <bit>
#include <optional>

#include "host/model/cuda_graph.h"
#include "host/train/plain_engine.h"

namespace gan {

// The launches of the plain engine in the same order: the same bytes.
class GraphEngine : public PlainEngine<CudaBackend> {
 public:
  using PlainEngine::PlainEngine;
  std::string device_name() const override { return backend().device_name(); }

 protected:
  void enqueue(std::int64_t steps, int rows) override {
    const bool full = rows == spec().batch;
    // cuBLAS loads its kernels when they are first called, which it cannot do while it is recorded.
    bool& warm = full ? full_is_warm_ : last_is_warm_;
    if (!std::exchange(warm, true)) {
      PlainEngine::enqueue(1, rows);
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

  const CudaGraph& captured(std::optional<CudaGraph>& graph, std::int64_t steps, int rows) {
    if (!graph) graph.emplace(backend(), [&] { PlainEngine::enqueue(steps, rows); });
    return *graph;
  }

  bool full_is_warm_ = false, last_is_warm_ = false;
  std::array<std::optional<CudaGraph>, kPowers> full_;  // [k]: 2ᵏ steps of whole batches
  std::optional<CudaGraph> last_;                       // the smaller last batch of an epoch
};

}  // namespace gan
