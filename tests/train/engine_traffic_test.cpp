// What the training loop asks of the GPU beside its kernels: the emulated runtime counts it.
#include <gtest/gtest.h>

#include "host/train/cuda_engine.h"
#include "tests/emulation/emulation.h"
#include "tests/train/small_run.h"

namespace gan::train {
namespace {

class EngineTraffic : public testing::TestWithParam<const char*> {
 protected:
  static std::unique_ptr<Engine> make() {
    run::RunSpec spec = two_layer_spec();
    spec.device = {run::Device::Kind::cuda, 0};
    spec.engine = run::named<run::EngineKind>("engine", GetParam());
    return make_engine(spec, small_images());
  }
};

// After two epochs, in which graphs are recorded.
TEST_P(EngineTraffic, TheLoopFetchesItsLossesAndNothingElse) {
  const auto engine = make();
  engine->run(6);
  const emulation::Counters before = emulation::counters();
  engine->run(9);  // to the end of the fifth epoch
  const emulation::Counters loop = emulation::counters();
  EXPECT_EQ(loop.allocations, before.allocations);
  EXPECT_EQ(loop.frees, before.frees);
  EXPECT_EQ(loop.pinned_allocations, before.pinned_allocations);
  EXPECT_EQ(loop.synchronisations, before.synchronisations);
  EXPECT_EQ(loop.to_host.count, before.to_host.count);
  EXPECT_EQ(loop.to_device.count, before.to_device.count);
  EXPECT_EQ(loop.on_device.count, before.on_device.count);
  EXPECT_GT(loop.launches, before.launches);

  engine->request_losses();
  const emulation::Counters fetched = emulation::counters();
  EXPECT_EQ(fetched.to_host.count, loop.to_host.count + 1);
  EXPECT_EQ(fetched.to_host.bytes, loop.to_host.bytes + 5 * sizeof(StepLosses<float>));
  EXPECT_EQ(fetched.synchronisations, loop.synchronisations);
  EXPECT_EQ(fetched.pinned_allocations, loop.pinned_allocations);
}

// Engines that launch a step as often as another.
class EngineProducts : public EngineTraffic {};
TEST_P(EngineProducts, AProfilerRecordsTheStepsThatItIsTold) {
  const auto engine = make();
  engine->run(6);  // so that graphs are recorded
  engine->profile({8, 9});
  const emulation::Counters before = emulation::counters();
  engine->run(6);  // two epochs, each with one launch more for its order
  const emulation::Counters& after = emulation::counters();
  const std::size_t per_step = (after.launches - before.launches - 2) / 6;
  EXPECT_EQ(after.profiled_launches - before.profiled_launches, 2 * per_step);
}

// G: three layers forward over 2B rows, three weight gradients, two input gradients.  D, of three
// layers: forward on [real; fake] and on G(z₂), three weight gradients and two input gradients for
// itself, three input gradients for G.
TEST_P(EngineProducts, AStepHasTheMatrixProductsItNeeds) {
  const auto engine = make();
  engine->run(1);
  const std::size_t before = emulation::counters().gemms;
  engine->run(1);
  EXPECT_EQ(emulation::counters().gemms - before, (3u + 3u + 2u) + (3u + 3u) + (3u + 2u) + 3u);
}

// Whole batches in one launch, the smaller last batch in another; no product of cuBLAS's.
TEST(PersistentEngine, AnEpochIsTwoLaunches) {
  run::RunSpec spec = two_layer_spec();
  spec.device = {run::Device::Kind::cuda, 0};
  spec.engine = run::EngineKind::persistent;
  spec.batch = 2;  // 11 whole batches and one of a single image
  const auto engine = make_engine(spec, small_images());
  engine->run(12);
  const emulation::Counters before = emulation::counters();
  engine->run(12);
  const emulation::Counters& after = emulation::counters();
  const std::size_t draw = 1;  // of the new epoch's order, before it
  EXPECT_EQ(after.launches - before.launches, 2 + draw);
  EXPECT_EQ(cuda_launches_per_step(spec, small_images()), 2.0 / 12);
  EXPECT_EQ(after.gemms, before.gemms);
}

// An epoch's whole batches come in launches of 16, 8, 4, 2 and 1 steps, its smaller last batch in a
// launch of its own, and nothing is recorded twice.
TEST(GraphEngine, AnEpochIsAFewLaunchesOfGraphs) {
  run::RunSpec spec = two_layer_spec();
  spec.device = {run::Device::Kind::cuda, 0};
  spec.engine = run::EngineKind::graph;
  spec.batch = 2;  // 11 whole batches and one of a single image
  const auto engine = make_engine(spec, small_images());
  engine->run(2 * 12);
  const auto nodes = static_cast<std::size_t>(cuda_launches_per_step(spec, small_images()));
  const emulation::Counters before = emulation::counters();
  engine->run(12);
  const emulation::Counters& after = emulation::counters();
  EXPECT_EQ(after.graph_launches - before.graph_launches, 4u);  // of 8, 2 and 1 steps, and the last
  EXPECT_EQ(after.graph_nodes - before.graph_nodes, 12 * nodes);
  const std::size_t draw = 1;  // of the new epoch's order, before it
  EXPECT_EQ(after.launches - before.launches + after.gemms - before.gemms, 12 * nodes + draw);
}

// Of the original networks: ten of the 55 launches of a step leave the chain of those that wait for
// one another.  Of either network these are the gradients of the third and second layer's weights
// and of every bias.
TEST(GraphEngine, TakesTheGradientsOfWeightsInAFork) {
  run::RunSpec spec;
  spec.data = {"small", 23, 5, 4, 0};
  spec.device = {run::Device::Kind::cuda, 0};
  spec.engine = run::EngineKind::graph;
  spec.batch = 4;
  const auto engine = make_engine(spec, small_images());
  engine->run(2);
  const emulation::Counters before = emulation::counters();
  engine->run(1);
  EXPECT_EQ(emulation::counters().gemms - before.gemms, 22u);
  EXPECT_EQ(emulation::counters().graph_nodes - before.graph_nodes, 55u);
  EXPECT_EQ(emulation::counters().graph_depths - before.graph_depths, 45u);
}

const auto name_of_engine = [](const auto& test) {
  std::string name = test.param;
  std::erase(name, '-');
  return name;
};
INSTANTIATE_TEST_SUITE_P(Engines, EngineTraffic,
                         testing::Values("plain", "graph", "graph-pdl", "fused", "persistent"),
                         name_of_engine);
INSTANTIATE_TEST_SUITE_P(Engines, EngineProducts, testing::Values("plain", "graph", "graph-pdl"),
                         name_of_engine);

}  // namespace
}  // namespace gan::train
