// The number of threads is a matter of time alone: every number of them trains the same bytes.
#include <gtest/gtest.h>

#include "host/train/engine.h"
#include "kernels/cpu/parallel.h"
#include "tests/train/small_run.h"

namespace gan::train {
namespace {

class Threads : public testing::TestWithParam<int> {
 protected:
  void TearDown() override { set_cpu_threads(1); }

  // The published networks and batch, whose products are shared among threads.
  static run::RunSpec published() {
    run::RunSpec spec;
    spec.device = run::kCpu;
    spec.engine = run::EngineKind::plain;
    spec.data = {"ramps", 200, 28, 28, 0};
    return spec;
  }

  static data::Images ramps() {
    data::Images images{200, 28, 28, {}};
    for (int i = 0; i < 200 * 28 * 28; ++i)
      images.pixels.push_back(static_cast<std::uint8_t>(i * 37 % 251));
    return images;
  }

  static std::unique_ptr<Engine> engine(run::RunSpec spec, const data::Images& images,
                                        int threads) {
    spec.threads = threads;
    return make_engine(spec, images);
  }

  static void expect_equal(Engine& actual, Engine& expected) {
    const std::vector<io::Tensor> a = actual.state(), b = expected.state();
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t t = 0; t < a.size(); ++t) EXPECT_EQ(a[t].values, b[t].values) << a[t].name;
  }
};

TEST_P(Threads, TrainThePublishedNetworksToTheSameBytes) {
  const auto alone = engine(published(), ramps(), 1);
  alone->run(3);
  const auto shared = engine(published(), ramps(), GetParam());
  shared->run(3);
  expect_equal(*shared, *alone);
}

TEST_P(Threads, TrainPenaltiesAndRaggedShapesToTheSameBytes) {
  run::RunSpec spec = everything_spec();
  spec.device = run::kCpu;
  spec.generator_hidden = {131, 67};
  spec.discriminator_hidden = {259, 33};
  const auto alone = engine(spec, small_images(), 1);
  alone->run(5);
  const auto shared = engine(spec, small_images(), GetParam());
  shared->run(5);
  expect_equal(*shared, *alone);
}

TEST_P(Threads, GoOnFromAStateThatAnotherNumberOfThemLeft) {
  const auto whole = engine(published(), ramps(), 1);
  whole->run(4);
  const auto first = engine(published(), ramps(), GetParam());
  first->run(2);
  const std::vector<io::Tensor> state = first->state();
  const auto resumed = engine(published(), ramps(), 1);
  resumed->restore({state, {}}, 2);
  resumed->run(2);
  expect_equal(*resumed, *whole);
}

INSTANTIATE_TEST_SUITE_P(Numbers, Threads, testing::Values(2, 3, 5));

}  // namespace
}  // namespace gan::train
