// When the loop calls the evaluator, and what it keeps for it.
#include <gmock/gmock.h>

#include <thread>

#include "tests/train/small_run.h"

namespace gan::train {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

// Draws as many images as a real one would, takes its time, and remembers what it saw.
class SlowEvaluator : public Evaluator {
 public:
  explicit SlowEvaluator(const run::RunFolder& folder) : folder_(folder) {}

  void evaluate(Engine& engine, const EvalPoint& point) override {
    EXPECT_EQ(engine.step(), point.step);
    engine.generate(std::vector<float>(50 * 6, 0.5F), run::GeneratorWeights::trained);
    std::this_thread::sleep_for(20ms);
    steps.push_back(point.step);
    epochs.push_back(point.epoch);
    seconds.push_back(point.train_seconds);
    const bool saved = std::filesystem::exists(folder_.checkpoint());
    saved_steps.push_back(saved ? run::load_checkpoint(folder_.checkpoint()).step : 0);
  }

  std::vector<std::int64_t> steps, saved_steps;
  std::vector<double> epochs;
  std::vector<std::optional<double>> seconds;

 private:
  run::RunFolder folder_;
};

class EvaluatedRun : public testing::Test {
 protected:
  EvaluatedRun() { spec_.eval_every = 2; }

  Outcome run(std::optional<double> seconds = 0, std::int64_t stop_at = -1) {
    const auto engine = make_engine(spec_, small_images());
    io::MetricsFile metrics = io::MetricsFile::create(folder_.metrics());
    StopAt observer(stop_at);
    return train(spec_, *engine, folder_, metrics, observer, observer.stop, {&evaluator_, seconds});
  }

  run::RunSpec spec_ = small_spec();  // 10 epochs of 3 steps, a checkpoint every 3 epochs
  run::RunFolder folder_ = run::RunFolder::create(test_folder());
  SlowEvaluator evaluator_{folder_};
};

TEST_F(EvaluatedRun, EverySoManyEpochsAndAtTheEnd) {
  run();
  EXPECT_THAT(evaluator_.steps, ElementsAre(6, 12, 18, 24, 30));
  EXPECT_THAT(evaluator_.epochs, ElementsAre(2, 4, 6, 8, 10));
}

TEST_F(EvaluatedRun, AtAnEndBetweenTwoEpochs) {
  spec_.max_steps = 10;
  run();
  EXPECT_THAT(evaluator_.steps, ElementsAre(6, 10));
  EXPECT_NEAR(evaluator_.epochs[1], 3 + 8 / 23., 1e-9);
}

TEST_F(EvaluatedRun, NotWhenTheRunIsStopped) {
  EXPECT_EQ(run(0, 15), Outcome::stopped);
  EXPECT_THAT(evaluator_.steps, ElementsAre(6, 12));
}

// Stops at its second evaluation, as a evaluator does that is told to.
class StoppingEvaluator : public SlowEvaluator {
 public:
  using SlowEvaluator::SlowEvaluator;
  void evaluate(Engine& engine, const EvalPoint& point) override {
    if (steps.size() == 1) {
      stop = true;
      throw EvaluationStopped();
    }
    SlowEvaluator::evaluate(engine, point);
  }
  std::atomic<bool> stop{false};
};

TEST_F(EvaluatedRun, AnEvaluationThatIsStoppedIsMadeWhenTheRunIsResumed) {
  StoppingEvaluator evaluator(folder_);
  const auto engine = make_engine(spec_, small_images());
  io::MetricsFile metrics = io::MetricsFile::create(folder_.metrics());
  StopAt observer;
  EXPECT_EQ(train(spec_, *engine, folder_, metrics, observer, evaluator.stop, {&evaluator, 0}),
            Outcome::stopped);
  EXPECT_THAT(evaluator.steps, ElementsAre(6));
  EXPECT_EQ(run::load_checkpoint(folder_.checkpoint()).step, 12);
  EXPECT_EQ(train(spec_, *engine, folder_, metrics, observer, observer.stop,
                  {&evaluator_, 0, -1, /*is_owed=*/true}),
            Outcome::finished);
  EXPECT_THAT(evaluator_.steps, ElementsAre(12, 18, 24, 30));
}

TEST_F(EvaluatedRun, ALastEvaluationThatIsStoppedLeavesTheRunUnfinished) {
  spec_.epochs = 3;  // evaluated at 6 and 9
  StoppingEvaluator evaluator(folder_);
  const auto engine = make_engine(spec_, small_images());
  io::MetricsFile metrics = io::MetricsFile::create(folder_.metrics());
  StopAt observer;
  EXPECT_EQ(train(spec_, *engine, folder_, metrics, observer, evaluator.stop, {&evaluator, 0}),
            Outcome::stopped);
  EXPECT_EQ(run::load_checkpoint(folder_.checkpoint()).step, 9);
  EXPECT_EQ(train(spec_, *engine, folder_, metrics, observer, observer.stop, {&evaluator_, 0}),
            Outcome::finished);
  EXPECT_THAT(evaluator_.steps, ElementsAre(9));
}

// So a run that resumes from a checkpoint lacks no evaluation of its step.
TEST_F(EvaluatedRun, BeforeTheCheckpointOfTheSameStep) {
  spec_.checkpoint_every = 2;
  run();
  EXPECT_THAT(evaluator_.saved_steps, ElementsAre(0, 6, 12, 18, 24));
}

TEST_F(EvaluatedRun, OutsideOfTheTimeOfTraining) {
  run(1000);
  double before = 1000;
  for (const auto& seconds : evaluator_.seconds) {
    EXPECT_GT(*seconds, before);
    before = *seconds;
  }
  EXPECT_LT(before, 1000 + 4 * 0.020) << "includes what the evaluation took";
  EXPECT_GE(run::load_checkpoint(folder_.checkpoint()).train_seconds.value_or(0), before);
}

TEST_F(EvaluatedRun, WithoutATimeThatIsNotKnown) {
  run(std::nullopt);
  EXPECT_THAT(evaluator_.seconds, testing::Each(std::nullopt));
  EXPECT_FALSE(run::load_checkpoint(folder_.checkpoint()).train_seconds);
}

TEST_F(EvaluatedRun, TrainsToTheSameBytes) {
  run(std::nullopt);
  const run::RunFolder alone = run::RunFolder::create(folder_.path() / "alone");
  const auto engine = make_engine(spec_, small_images());
  io::MetricsFile metrics = io::MetricsFile::create(alone.metrics());
  StopAt observer;
  train(spec_, *engine, alone, metrics, observer, observer.stop);
  EXPECT_EQ(bytes_of(folder_.checkpoint()), bytes_of(alone.checkpoint()));
  EXPECT_EQ(untimed_metrics(folder_), untimed_metrics(alone));
}

}  // namespace
}  // namespace gan::train
