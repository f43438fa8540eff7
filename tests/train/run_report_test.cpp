#include "host/train/run_report.h"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/train/small_run.h"

namespace gan::train {
namespace {

using nlohmann::json;
using testing::ElementsAre, testing::HasSubstr;

json read_report(const run::RunFolder& folder) {
  const std::string page = bytes_of(folder.report()), begin = "id=\"run\">";
  const std::size_t start = page.find(begin) + begin.size();
  return json::parse(page.substr(start, page.find("</script>", start) - start));
}

std::vector<int> epochs_of_sheets(const json& report) {
  std::vector<int> epochs;
  for (const json& sheet : report["sheets"]["chosen"]) epochs.push_back(sheet["epoch"]);
  return epochs;
}

// Notes what the page says whenever an epoch is done.
class Reader : public StopAt {
 public:
  Reader(const run::RunFolder& folder, std::int64_t stop_at) : StopAt(stop_at), folder_(folder) {}
  void epoch_done(std::int64_t) override { reports.push_back(read_report(folder_)); }
  std::vector<json> reports;

 private:
  const run::RunFolder& folder_;
};

class RunReport : public testing::Test {
 protected:
  Outcome run(Engine& engine, io::MetricsFile metrics, std::int64_t stop_at = -1) {
    Reader observer(folder_, stop_at);
    const Outcome outcome = train(spec_, engine, folder_, metrics, observer, observer.stop);
    reports_ = observer.reports;
    return outcome;
  }
  Outcome run_new(std::int64_t stop_at = -1) {
    return run(*make_engine(spec_, small_images()), io::MetricsFile::create(folder_.metrics()),
               stop_at);
  }
  void run_on(std::int64_t stop_at = -1) {
    const run::Checkpoint checkpoint = run::load_checkpoint(folder_.checkpoint());
    const auto engine = make_engine(spec_, small_images());
    engine->restore(checkpoint.state, checkpoint.step);
    run(*engine,
        io::MetricsFile::resume(folder_.metrics(),
                                checkpoint.step / spec_.log_every * spec_.log_every),
        stop_at);
  }

  run::RunSpec spec_ =
      small_spec();  // 10 epochs of 3 steps, a sheet every 2 and a checkpoint every 3
  run::RunFolder folder_ = run::RunFolder::create(test_folder());
  std::vector<json> reports_;  // after every epoch
};

TEST_F(RunReport, IsThereFromTheStartAndKeepsUp) {
  run_new();
  std::vector<int> steps;
  for (const json& report : reports_) {
    EXPECT_EQ(report["state"]["name"], "training");
    steps.push_back(report["state"]["step"]);
  }
  EXPECT_THAT(steps, ElementsAre(0, 6, 9, 12, 12, 18, 18, 24, 27, 30));
  EXPECT_THAT(epochs_of_sheets(reports_[5]), ElementsAre(2, 4, 6));
  const json last = read_report(folder_);
  EXPECT_EQ(last["state"]["name"], "finished");
  EXPECT_EQ(last["state"]["total_steps"], 30);
  EXPECT_EQ(last["metrics"]["count"], 6);
  EXPECT_EQ(last["config"]["run"]["batch"], 8);
  EXPECT_THAT(epochs_of_sheets(last), ElementsAre(2, 4, 6, 8, 10));
}

TEST_F(RunReport, OfARunThatWentOnShowsTheWholeRun) {
  EXPECT_EQ(run_new(15), Outcome::stopped);
  EXPECT_EQ(read_report(folder_)["state"]["name"], "stopped");
  run_on();
  EXPECT_EQ(reports_.front()["metrics"]["count"], 3);  // at once, from step 15 on
  const json last = read_report(folder_);
  EXPECT_EQ(last["state"]["name"], "finished");
  EXPECT_EQ(last["metrics"]["points"][0][1], 5);
  EXPECT_EQ(last["metrics"]["count"], 6);
  EXPECT_THAT(epochs_of_sheets(last), ElementsAre(2, 4, 6, 8, 10));
}

TEST_F(RunReport, LeavesOutSheetsOfStepsThatTheRunHasNotDone) {
  run_new();
  train::RunReport(folder_, spec_, "CPU", 14)
      .write({.step = 14, .state = io::RunState::training, .failure = ""});
  EXPECT_THAT(epochs_of_sheets(read_report(folder_)), ElementsAre(2, 4));
}

TEST_F(RunReport, TakesNothingElseForASheet) {
  run_new();
  const auto samples = folder_.path() / "samples";
  for (const char* const name : {"epoch_1.png", "epoch_0001_ema.png", "epoch_0003.png.x.tmp",
                                 "copy_0005.png", "epoch_-001.png", "x"})
    std::ofstream(samples / name) << "no sheet";
  std::filesystem::create_directory(samples / "epoch_0007.png");
  train::RunReport(folder_, spec_, "CPU", 30)
      .write({.step = 30, .state = io::RunState::finished, .failure = ""});
  EXPECT_THAT(epochs_of_sheets(read_report(folder_)), ElementsAre(2, 4, 6, 8, 10));
}

TEST_F(RunReport, SaysWhyARunFailed) {
  spec_.max_steps = 5;
  run_new();
  run::Checkpoint checkpoint = run::load_checkpoint(folder_.checkpoint());
  for (float& value : checkpoint.state.tensors[0].values) value = 1e38F;  // soon infinite
  spec_.max_steps = 0;
  run::save_checkpoint(folder_.checkpoint(), spec_, 5, checkpoint.state.tensors);
  EXPECT_THROW(run_on(), std::runtime_error);
  const json state = read_report(folder_)["state"];
  EXPECT_EQ(state["name"], "failed");
  EXPECT_THAT(state["failure"].get<std::string>(), HasSubstr("diverged"));
}

TEST_F(RunReport, ThatCannotBeWrittenHidesNoOtherFailure) {
  std::filesystem::create_directory(folder_.report());
  EXPECT_THAT([this] { run_new(); }, testing::ThrowsMessage<std::runtime_error>(
                                         HasSubstr("report.html: it is not a regular file")));
}

TEST_F(RunReport, OfARunThatTrainsReadsItsFolderOnce) {
  run_new();
  gan::train::RunReport report(folder_, spec_, "CPU", 30);
  const json before = read_report(folder_);
  std::filesystem::remove_all(folder_.metrics());
  report.add(io::MetricsRow{.step = 31, .epoch = 31. / 3, .loss_g = 0.1});
  report.add(io::ReportSheets{31. / 3, folder_.samples(10, run::GeneratorWeights::trained), {}});
  report.write({.step = 31, .state = io::RunState::training, .failure = ""});
  const json after = read_report(folder_);
  EXPECT_EQ(after["metrics"]["count"], before["metrics"]["count"].get<int>() + 1);
  EXPECT_EQ(after["sheets"]["count"], before["sheets"]["count"].get<int>() + 1);
}

TEST_F(RunReport, OfARunThatTrainsLeavesOutSheetsThatWereRemoved) {
  run_new();
  gan::train::RunReport report(folder_, spec_, "CPU", 30);
  std::filesystem::remove(folder_.samples(4, run::GeneratorWeights::trained));
  report.write({.step = 30, .state = io::RunState::training, .failure = ""});
  EXPECT_THAT(epochs_of_sheets(read_report(folder_)), ElementsAre(2, 6, 8, 10));
}

}  // namespace
}  // namespace gan::train
