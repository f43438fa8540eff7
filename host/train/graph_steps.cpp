#include "host/train/graph_steps.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace gan::train {

void GraphSteps::enqueue(std::int64_t steps, int rows) {
  prepare();
  const bool full = rows == batch_;
  // cuBLAS loads its kernels when they are first called, which it cannot do while it is recorded.
  bool& warm = full ? full_is_warm_ : last_is_warm_;
  if (!std::exchange(warm, true)) {
    launches_->enqueue(1, rows);
    --steps;
  }
  if (!full) {
    for (; steps > 0; --steps) recorded(last_, 1, rows).launch();
    return;
  }
  while (steps > 0) {
    const std::size_t power =
        std::min<std::size_t>(kPowers - 1, std::bit_width(static_cast<std::uint64_t>(steps)) - 1);
    recorded(full_[power], std::int64_t{1} << power, rows).launch();
    steps -= std::int64_t{1} << power;
  }
}

const gpu::CudaGraph& GraphSteps::recorded(std::optional<gpu::CudaGraph>& graph, std::int64_t steps,
                                           int rows) {
  if (!graph) graph.emplace(backend_, [&] { launches_->enqueue(steps, rows); });
  return *graph;
}

}  // namespace gan::train
