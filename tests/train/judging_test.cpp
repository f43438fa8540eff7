// When the loop calls the jury, and what it keeps for it.
#include <gmock/gmock.h>

#include <thread>

#include "tests/train/small_run.h"

namespace gan::train {
namespace {

using testing::ElementsAre;
using namespace std::chrono_literals;

// Draws as many images as a real one would, takes its time, and remembers what it saw.
class SlowJury : public Jury {
 public:
  explicit SlowJury(const run::RunFolder& folder) : folder_(folder) {}

  void judge(Engine& engine, const Occasion& occasion) override {
    EXPECT_EQ(engine.step(), occasion.step);
    engine.generate(std::vector<float>(50 * 6, 0.5F), run::GeneratorWeights::trained);
    std::this_thread::sleep_for(20ms);
    steps.push_back(occasion.step);
    epochs.push_back(occasion.epoch);
    seconds.push_back(occasion.train_seconds);
    const bool saved = std::filesystem::exists(folder_.checkpoint());
    saved_steps.push_back(saved ? run::load_checkpoint(folder_.checkpoint()).step : 0);
  }

  std::vector<std::int64_t> steps, saved_steps;
  std::vector<double> epochs;
  std::vector<std::optional<double>> seconds;

 private:
  run::RunFolder folder_;
};

class Judged : public testing::Test {
 protected:
  Judged() { spec_.eval_every = 2; }

  Outcome run(std::optional<double> seconds = 0, std::int64_t stop_at = -1) {
    const auto engine = make_engine(spec_, small_images());
    io::MetricsFile metrics = io::MetricsFile::create(folder_.metrics());
    StopAt observer(stop_at);
    return train(spec_, *engine, folder_, metrics, observer, observer.stop, {&jury_, seconds});
  }

  run::RunSpec spec_ = small_spec();  // 10 epochs of 3 steps, a checkpoint every 3 epochs
  run::RunFolder folder_ = run::RunFolder::create(test_folder());
  SlowJury jury_{folder_};
};

TEST_F(Judged, EverySoManyEpochsAndAtTheEnd) {
  run();
  EXPECT_THAT(jury_.steps, ElementsAre(6, 12, 18, 24, 30));
  EXPECT_THAT(jury_.epochs, ElementsAre(2, 4, 6, 8, 10));
}

TEST_F(Judged, AtAnEndBetweenTwoEpochs) {
  spec_.max_steps = 10;
  run();
  EXPECT_THAT(jury_.steps, ElementsAre(6, 10));
  EXPECT_NEAR(jury_.epochs[1], 3 + 8 / 23., 1e-9);
}

TEST_F(Judged, NotWhenTheRunIsStopped) {
  EXPECT_EQ(run(0, 15), Outcome::stopped);
  EXPECT_THAT(jury_.steps, ElementsAre(6, 12));
}

// Stops at its second judgement, as a judge does that is told to.
class StoppingJury : public SlowJury {
 public:
  using SlowJury::SlowJury;
  void judge(Engine& engine, const Occasion& occasion) override {
    if (steps.size() == 1) {
      stop = true;
      throw JudgingStopped();
    }
    SlowJury::judge(engine, occasion);
  }
  std::atomic<bool> stop{false};
};

TEST_F(Judged, AJudgementThatIsStoppedIsMadeWhenTheRunIsResumed) {
  StoppingJury jury(folder_);
  const auto engine = make_engine(spec_, small_images());
  io::MetricsFile metrics = io::MetricsFile::create(folder_.metrics());
  StopAt observer;
  EXPECT_EQ(train(spec_, *engine, folder_, metrics, observer, jury.stop, {&jury, 0}),
            Outcome::stopped);
  EXPECT_THAT(jury.steps, ElementsAre(6));
  EXPECT_EQ(run::load_checkpoint(folder_.checkpoint()).step, 12);
  EXPECT_EQ(train(spec_, *engine, folder_, metrics, observer, observer.stop,
                  {&jury_, 0, -1, /*is_owed=*/true}),
            Outcome::finished);
  EXPECT_THAT(jury_.steps, ElementsAre(12, 18, 24, 30));
}

TEST_F(Judged, ALastJudgementThatIsStoppedLeavesTheRunUnfinished) {
  spec_.epochs = 3;  // judged at 6 and 9
  StoppingJury jury(folder_);
  const auto engine = make_engine(spec_, small_images());
  io::MetricsFile metrics = io::MetricsFile::create(folder_.metrics());
  StopAt observer;
  EXPECT_EQ(train(spec_, *engine, folder_, metrics, observer, jury.stop, {&jury, 0}),
            Outcome::stopped);
  EXPECT_EQ(run::load_checkpoint(folder_.checkpoint()).step, 9);
  EXPECT_EQ(train(spec_, *engine, folder_, metrics, observer, observer.stop, {&jury_, 0}),
            Outcome::finished);
  EXPECT_THAT(jury_.steps, ElementsAre(9));
}

// So a run that goes on from a checkpoint lacks no judgement of its step.
TEST_F(Judged, BeforeTheCheckpointOfTheSameStep) {
  spec_.checkpoint_every = 2;
  run();
  EXPECT_THAT(jury_.saved_steps, ElementsAre(0, 6, 12, 18, 24));
}

TEST_F(Judged, OutsideOfTheTimeOfTraining) {
  run(1000);
  double before = 1000;
  for (const auto& seconds : jury_.seconds) {
    EXPECT_GT(*seconds, before);
    before = *seconds;
  }
  EXPECT_LT(before, 1000 + 4 * 0.020) << "includes what the jury took";
  EXPECT_GE(run::load_checkpoint(folder_.checkpoint()).train_seconds.value_or(0), before);
}

TEST_F(Judged, WithoutATimeThatIsNotKnown) {
  run(std::nullopt);
  EXPECT_THAT(jury_.seconds, testing::Each(std::nullopt));
  EXPECT_FALSE(run::load_checkpoint(folder_.checkpoint()).train_seconds);
}

TEST_F(Judged, TrainsToTheSameBytes) {
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
