#include "host/train/graph_steps.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace gan::train {

void GraphSteps::enqueue(Part part) {
  prepare();
  auto& [is_warm, graphs] = graphs_of(part);
  // cuBLAS loads its kernels when they are first called, which it cannot do while it is recorded.
  if (!std::exchange(is_warm, true)) {
    launches_->enqueue({1, part.rows, part.turn});
    --part.steps;
  }
  while (part.steps > 0) {
    const std::size_t power = std::min<std::size_t>(
        kPowers - 1, std::bit_width(static_cast<std::uint64_t>(part.steps)) - 1);
    const Part now{std::int64_t{1} << power, part.rows, part.turn};
    recorded(graphs[power], now).launch();
    part.steps -= now.steps;
  }
}

GraphSteps::Graphs& GraphSteps::graphs_of(const Part& part) {
  const std::size_t both = part.turn == model::Turn::both ? 0 : 1,
                    full = part.rows == batch_ ? 0 : 1;
  return graphs_[2 * both + full];
}

const gpu::CudaGraph& GraphSteps::recorded(std::optional<gpu::CudaGraph>& graph, const Part& part) {
  if (!graph) graph.emplace(backend_, [&] { launches_->enqueue(part); });
  return *graph;
}

}  // namespace gan::train
