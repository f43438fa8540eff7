#include <gmock/gmock.h>

#include <limits>

#include "host/run/run_spec.h"
#include "host/train/run_report.h"
#include "tests/train/small_run.h"

namespace gan::train {
namespace {

namespace fs = std::filesystem;

// A whole run from nothing.
Outcome run_new(const run::RunSpec& spec, const run::RunFolder& folder, std::int64_t stop_at = -1) {
  const auto engine = make_engine(spec, small_images());
  io::MetricsFile metrics = io::MetricsFile::create(folder.metrics());
  StopAt observer(stop_at);
  return train(spec, *engine, folder, metrics, observer, observer.stop);
}

// The rest of a run from its checkpoint.
Outcome run_on(const run::RunSpec& spec, const run::RunFolder& folder, std::int64_t stop_at = -1) {
  const run::Checkpoint checkpoint = run::load_checkpoint(folder.checkpoint());
  const auto engine = make_engine(spec, small_images());
  engine->restore(checkpoint.state, checkpoint.step);
  io::MetricsFile metrics =
      io::MetricsFile::resume(folder.metrics(), checkpoint.step / spec.log_every * spec.log_every);
  StopAt observer(stop_at);
  return train(spec, *engine, folder, metrics, observer, observer.stop);
}

void expect_same_run(const run::RunFolder& a, const run::RunFolder& b) {
  EXPECT_EQ(untimed_metrics(a), untimed_metrics(b));
  for (const fs::path& file : {a.checkpoint(), a.model("G"), a.model("D"), a.model("G_ema"),
                               a.samples(10, run::GeneratorWeights::trained),
                               a.samples(10, run::GeneratorWeights::average)})
    EXPECT_EQ(bytes_of(file), bytes_of(b.path() / fs::relative(file, a.path()))) << file;
}

TEST(Trainer, LeavesEverythingARunShould) {
  const run::RunFolder folder = run::RunFolder::create(test_folder());
  EXPECT_EQ(run_new(small_spec(), folder), Outcome::finished);
  for (const fs::path& file : {folder.metrics(), folder.losses_png(), folder.report(),
                               folder.checkpoint(), folder.model("G"), folder.model("G_ema"),
                               folder.model("D"), folder.samples(2, run::GeneratorWeights::trained),
                               folder.samples(10, run::GeneratorWeights::average)})
    EXPECT_TRUE(fs::exists(file)) << file;
  EXPECT_FALSE(fs::exists(folder.samples(3, run::GeneratorWeights::trained)));
  const auto rows = io::read_metrics(folder.metrics());
  ASSERT_EQ(rows.size(), 6u);
  EXPECT_EQ(rows.back().step, 30);
  EXPECT_DOUBLE_EQ(rows.back().epoch, 10);
  EXPECT_NEAR(rows[0].epoch, (23 + 16) / 23., 1e-6);  // 5 steps: 8 + 8 + 7, 8 + 8
  for (const io::MetricsRow& row : rows)
    EXPECT_NEAR(row.loss_d, row.loss_real + row.loss_fake, 1e-6);
}

TEST(Trainer, RecordsThePenaltyAsAPartOfTheLoss) {
  const run::RunFolder folder = run::RunFolder::create(test_folder());
  run_new(everything_spec(), folder);
  for (const io::MetricsRow& row : io::read_metrics(folder.metrics())) {
    EXPECT_GT(row.penalty, 0);
    EXPECT_NEAR(row.loss_d, row.loss_real + row.loss_fake + row.penalty, 1e-6);
  }
}

// In a window of five steps one or two have updated G, by every fourth step; in the last one, which
// has three steps, none has.
TEST(Trainer, AveragesTheGeneratorsLossOverItsUpdates) {
  const run::RunFolder folder = run::RunFolder::create(test_folder());
  run::RunSpec spec = critic_spec();
  spec.max_steps = 23;
  run_new(spec, folder);
  const auto engine = make_engine(spec, small_images());
  for (const io::MetricsRow& row : io::read_metrics(folder.metrics())) {
    engine->run(row.step - engine->step());
    engine->request_losses();
    double sum = 0, count = 0;
    for (const auto& losses : engine->take_losses()) {
      sum += losses.loss_g;
      count += losses.loss_g != 0 ? 1 : 0;
    }
    EXPECT_NEAR(row.loss_g, count > 0 ? sum / count : 0, 1e-6) << row.step;
    EXPECT_EQ(count, row.step / 4 - (row.step - 1) / 5 * 5 / 4) << row.step;
  }
}

TEST(Trainer, SaysWhenTheGameHasEnded) {
  const run::RunFolder folder = run::RunFolder::create(test_folder());
  run::RunSpec spec = small_spec();
  spec.rate_d = 0.05;
  spec.rate_g = 1e-9;
  spec.epochs = 100;
  const auto engine = make_engine(spec, small_images());
  io::MetricsFile metrics = io::MetricsFile::create(folder.metrics());
  StopAt observer;
  train(spec, *engine, folder, metrics, observer, observer.stop);
  EXPECT_THAT(
      observer.warnings,
      testing::Contains(testing::HasSubstr("the discriminator is right about every image")));

  const run::RunFolder stopped = run::RunFolder::create(folder.path() / "stopped");
  spec.stop_on_collapse = true;
  EXPECT_THAT([&] { run_new(spec, stopped); },
              testing::ThrowsMessage<std::runtime_error>(
                  testing::HasSubstr("the discriminator is right about every image")));
  EXPECT_LT(io::read_metrics(stopped.metrics()).back().step, spec.total_steps());
}

TEST(Trainer, SameSeedSameBytes) {
  const fs::path root = test_folder();
  const run::RunFolder a = run::RunFolder::create(root / "a"),
                       b = run::RunFolder::create(root / "b");
  run_new(small_spec(), a);
  run_new(small_spec(), b);
  expect_same_run(a, b);
}

TEST(Trainer, AnotherSeedIsAnotherRun) {
  const fs::path root = test_folder();
  const run::RunFolder a = run::RunFolder::create(root / "a"),
                       b = run::RunFolder::create(root / "b");
  run::RunSpec spec = small_spec();
  run_new(spec, a);
  spec.seed = 2;
  run_new(spec, b);
  EXPECT_NE(untimed_metrics(a), untimed_metrics(b));
}

TEST(Trainer, ShufflesByDefaultOnly) {
  const fs::path root = test_folder();
  const run::RunFolder a = run::RunFolder::create(root / "a"),
                       b = run::RunFolder::create(root / "b");
  run::RunSpec spec = small_spec();
  run_new(spec, a);
  spec.shuffle = false;
  run_new(spec, b);
  EXPECT_NE(untimed_metrics(a), untimed_metrics(b));
}

TEST(Trainer, KeepsOlderCheckpoints) {
  const run::RunFolder folder = run::RunFolder::create(test_folder());
  run::RunSpec spec = small_spec();  // saves at the steps 9, 18, 27 and 30
  spec.keep_checkpoints = 3;
  run::save_checkpoint(folder.checkpoint(), spec, 0, make_engine(spec, small_images())->state());
  run_new(spec, folder);
  EXPECT_THAT(folder.older_checkpoints(), testing::ElementsAre(18, 27));
  EXPECT_EQ(run::load_checkpoint(folder.checkpoint()).step, 30);
}

// Wherever a run is stopped, within an epoch or between two, it goes on to the same bytes.
class Resume : public testing::TestWithParam<std::tuple<int, run::RunSpec (*)()>> {};

TEST_P(Resume, EndsAsIfItHadNeverStopped) {
  const fs::path root = test_folder();
  const run::RunFolder whole = run::RunFolder::create(root / "whole"),
                       parts = run::RunFolder::create(root / "parts");
  const auto [stop, make_spec] = GetParam();
  run::RunSpec spec = make_spec();
  run_new(spec, whole);
  spec.max_steps = stop;
  EXPECT_EQ(run_new(spec, parts), Outcome::finished);
  EXPECT_EQ(run::load_checkpoint(parts.checkpoint()).step, stop);
  spec.max_steps = 0;
  EXPECT_EQ(run_on(spec, parts), Outcome::finished);
  expect_same_run(whole, parts);
}

INSTANTIATE_TEST_SUITE_P(StoppedAt, Resume,
                         testing::Combine(testing::Values(1, 2, 3, 5, 7, 15, 29),
                                          testing::Values(small_spec, everything_spec, critic_spec,
                                                          conditional_spec, sharded_spec)));

// Eight images of 5×4 pixels and their borders of 2 pixels, three times.
TEST(Trainer, ShowsARowOfEachClass) {
  struct Sheets : StopAt {
    void sheet(std::int64_t, run::GeneratorWeights, const io::Image& image) override {
      EXPECT_EQ(image.width, 8 * 6 + 2);
      EXPECT_EQ(image.height, 3 * 7 + 2);
      ++count;
    }
    int count = 0;
  } observer;
  const run::RunSpec spec = conditional_spec();
  const run::RunFolder folder = run::RunFolder::create(test_folder());
  const auto engine = make_engine(spec, small_images());
  io::MetricsFile metrics = io::MetricsFile::create(folder.metrics());
  EXPECT_EQ(train(spec, *engine, folder, metrics, observer, observer.stop), Outcome::finished);
  EXPECT_EQ(observer.count, 10);
}

TEST(Trainer, CompletesARunThatIsAtItsLastStep) {
  const fs::path root = test_folder();
  const run::RunFolder whole = run::RunFolder::create(root / "whole"),
                       parts = run::RunFolder::create(root / "run");
  run::RunSpec spec = small_spec();
  spec.max_steps = 13;  // the last row is not of a full window
  run_new(spec, whole);
  EXPECT_TRUE(is_finished(whole, spec));
  run_new(spec, parts);
  io::MetricsFile::resume(parts.metrics(), 10);
  fs::remove(parts.losses_png());
  EXPECT_FALSE(is_finished(parts, spec));
  EXPECT_EQ(run_on(spec, parts), Outcome::finished);
  EXPECT_TRUE(is_finished(parts, spec));
  EXPECT_EQ(untimed_metrics(whole), untimed_metrics(parts));
  for (const fs::path& file : {whole.losses_png(), whole.checkpoint(), whole.model("G_ema")})
    EXPECT_EQ(bytes_of(file), bytes_of(parts.path() / fs::relative(file, whole.path()))) << file;
  EXPECT_GT(io::read_metrics(parts.metrics()).back().images_per_s, 0);
  fs::remove(parts.report());
  EXPECT_FALSE(is_finished(parts, spec));
}

TEST(Trainer, StopsOnRequestWithACheckpoint) {
  const fs::path root = test_folder();
  const run::RunFolder whole = run::RunFolder::create(root / "whole"),
                       parts = run::RunFolder::create(root / "parts");
  const run::RunSpec spec = small_spec();
  run_new(spec, whole);
  EXPECT_EQ(run_new(spec, parts, 10), Outcome::stopped);
  EXPECT_EQ(run::load_checkpoint(parts.checkpoint()).step, 10);
  EXPECT_EQ(run_on(spec, parts, 20), Outcome::stopped);
  EXPECT_EQ(run_on(spec, parts), Outcome::finished);
  expect_same_run(whole, parts);
}

TEST(Trainer, GoesOnFromTheCheckpointWhenKilledLater) {
  const fs::path root = test_folder();
  const run::RunFolder whole = run::RunFolder::create(root / "whole"),
                       killed = run::RunFolder::create(root / "killed");
  run::RunSpec spec = small_spec();
  run_new(spec, whole);
  spec.max_steps = 12;
  run_new(spec, killed);
  const std::string checkpoint = bytes_of(killed.checkpoint());
  spec.max_steps = 26;  // got further, but its last checkpoint is that of step 12
  run_on(spec, killed);
  std::ofstream(killed.checkpoint(), std::ios::binary) << checkpoint;
  std::ofstream(killed.metrics(), std::ios::app) << "27,1.1";  // and the last row is torn
  spec.max_steps = 0;
  run_on(spec, killed);
  expect_same_run(whole, killed);
}

TEST(Trainer, SaysThatTrainingDivergedAndKeepsTheLastCheckpoint) {
  const run::RunFolder folder = run::RunFolder::create(test_folder());
  run::RunSpec spec = small_spec();
  spec.max_steps = 5;
  run_new(spec, folder);
  const std::string before = bytes_of(folder.checkpoint());
  run::Checkpoint checkpoint = run::load_checkpoint(folder.checkpoint());
  checkpoint.state.tensors[0].values[0] = std::numeric_limits<float>::quiet_NaN();
  const auto engine = make_engine(spec, small_images());
  engine->restore(checkpoint.state, checkpoint.step);
  spec.max_steps = 0;
  io::MetricsFile metrics = io::MetricsFile::resume(folder.metrics(), 5);
  StopAt observer;
  try {
    train(spec, *engine, folder, metrics, observer, observer.stop);
    FAIL() << "no exception";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::AllOf(testing::HasSubstr("diverged"),
                                             testing::HasSubstr("begin a new run")));
  }
  EXPECT_EQ(bytes_of(folder.checkpoint()), before);
}

TEST(Trainer, LeavesASheetWhereARunEndsWithinAnEpoch) {
  const run::RunFolder folder = run::RunFolder::create(test_folder());
  run::RunSpec spec = small_spec();
  spec.max_steps = 5;  // of 3 an epoch
  run_new(spec, folder);
  for (const auto weights : {run::GeneratorWeights::trained, run::GeneratorWeights::average})
    EXPECT_TRUE(fs::exists(folder.last_samples(5, weights)));
  EXPECT_THAT(bytes_of(folder.report()), testing::HasSubstr("\"epoch\":1.6"));
  spec.max_steps = 0;
  run_on(spec, folder);
  for (const auto weights : {run::GeneratorWeights::trained, run::GeneratorWeights::average})
    EXPECT_FALSE(fs::exists(folder.last_samples(5, weights)));
}

TEST(Engine, GeneratesMoreImagesThanABatchHolds) {
  const run::RunSpec spec = small_spec();
  const auto engine = make_engine(spec, small_images());
  std::vector<float> z(50 * 6);
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = static_cast<float>(i % 17) / 8 - 1;
  const std::vector<float> all = engine->generate(z, run::GeneratorWeights::trained);
  ASSERT_EQ(all.size(), 50u * 20u);
  const std::vector<float> last =
      engine->generate(std::span(z).subspan(49 * 6), run::GeneratorWeights::trained);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_NEAR(all[49 * 20 + i], last[i], 1e-6);
}

TEST(Trainer, KeepsNoAverageWhenNoneIsAskedFor) {
  const run::RunFolder folder = run::RunFolder::create(test_folder());
  run::RunSpec spec = small_spec();
  spec.ema = 0;
  run_new(spec, folder);
  EXPECT_FALSE(fs::exists(folder.model("G_ema")));
  EXPECT_FALSE(fs::exists(folder.samples(10, run::GeneratorWeights::average)));
  for (const io::Tensor& tensor : run::load_checkpoint(folder.checkpoint()).state.tensors)
    EXPECT_THAT(tensor.name, testing::Not(testing::HasSubstr("ema")));
}

TEST(Trainer, TheAverageDoesNotChangeTheTraining) {
  const fs::path root = test_folder();
  const run::RunFolder with = run::RunFolder::create(root / "with"),
                       without = run::RunFolder::create(root / "without");
  run::RunSpec spec = small_spec();
  run_new(spec, with);
  spec.ema = 0;
  run_new(spec, without);
  EXPECT_EQ(bytes_of(with.model("G")), bytes_of(without.model("G")));
  EXPECT_EQ(bytes_of(with.model("D")), bytes_of(without.model("D")));
  const auto values = [](const fs::path& model) {
    return io::load_safetensors(model).tensors[0].values;
  };
  EXPECT_NE(values(with.model("G_ema")), values(with.model("G")));
}

TEST(Engine, RefusesAStateOfAnotherShape) {
  run::RunSpec spec = small_spec();
  const auto engine = make_engine(spec, small_images());
  io::TensorFile state{engine->state(), {}};
  state.tensors[0].shape = {1, 54};
  EXPECT_THROW(engine->restore(state, 0), std::runtime_error);
  state.tensors.erase(state.tensors.begin());
  EXPECT_THROW(engine->restore(state, 0), std::runtime_error);
}

}  // namespace
}  // namespace gan::train
