#include "host/io/metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "host/base/atomic_file.h"
#include "tests/io/support.h"

namespace gan::io {
namespace {

const std::string kHeader =
    "step,epoch,loss_g,loss_d,loss_real,loss_fake,penalty,d_real,d_fake,images_per_s\n";

MetricsRow row(std::int64_t step) {
  return {.step = step,
          .epoch = static_cast<double>(step) / 469,
          .loss_g = 0.9F,
          .loss_d = 1.25F,
          .loss_real = 0.62F,
          .loss_fake = 0.63F,
          .penalty = 0.125F,
          .d_real = 0.55F,
          .d_fake = 0.45F,
          .images_per_s = 45231.5};
}

std::vector<std::int64_t> steps(const std::filesystem::path& path) {
  std::vector<std::int64_t> result;
  for (const MetricsRow& each : read_metrics(path)) result.push_back(each.step);
  return result;
}

TEST(Metrics, WritesReadableRows) {
  const base::TemporaryFolder folder;
  MetricsFile file = MetricsFile::create(folder / "metrics.csv");
  EXPECT_EQ(base::read_file(folder / "metrics.csv"), kHeader);
  file.append(row(100));
  // At once, not when the file is closed.
  EXPECT_EQ(base::read_file(folder / "metrics.csv"),
            kHeader + "100,0.213220,0.9,1.25,0.62,0.63,0.125,0.55,0.45,45231.5\n");
}

TEST(Metrics, ReadsBackEveryColumn) {
  const base::TemporaryFolder folder;
  MetricsRow odd = row(9'000'000'000);
  odd.loss_g = 1.0F / 3.0F;
  odd.loss_d = std::numeric_limits<float>::infinity();
  odd.loss_real = std::numeric_limits<float>::quiet_NaN();
  odd.loss_fake = 1.0e-30F;
  odd.penalty = 1.0F / 7.0F;
  odd.d_real = -3.4e38F;
  MetricsFile file = MetricsFile::create(folder / "m.csv");
  file.append(odd);
  const auto rows = read_metrics(folder / "m.csv");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].step, odd.step);
  EXPECT_NEAR(rows[0].epoch, odd.epoch, 1e-6);
  EXPECT_EQ(static_cast<float>(rows[0].loss_g), static_cast<float>(odd.loss_g));
  EXPECT_EQ(rows[0].loss_d, odd.loss_d);
  EXPECT_TRUE(std::isnan(rows[0].loss_real));
  EXPECT_EQ(static_cast<float>(rows[0].loss_fake), static_cast<float>(odd.loss_fake));
  EXPECT_EQ(static_cast<float>(rows[0].penalty), static_cast<float>(odd.penalty));
  EXPECT_EQ(static_cast<float>(rows[0].d_real), static_cast<float>(odd.d_real));
  EXPECT_EQ(static_cast<float>(rows[0].d_fake), static_cast<float>(odd.d_fake));
  EXPECT_EQ(rows[0].images_per_s, odd.images_per_s);
}

TEST(Metrics, CreateReplacesAnOldTable) {
  const base::TemporaryFolder folder;
  MetricsFile::create(folder / "m.csv").append(row(1));
  MetricsFile::create(folder / "m.csv");
  EXPECT_EQ(base::read_file(folder / "m.csv"), kHeader);
}

TEST(Metrics, ResumeKeepsTheRowsOfTheCheckpointAndAppends) {
  const base::TemporaryFolder folder;
  {
    MetricsFile file = MetricsFile::create(folder / "m.csv");
    for (const int step : {100, 200, 300}) file.append(row(step));
  }
  const std::string before = base::read_file(folder / "m.csv");
  { MetricsFile::resume(folder / "m.csv", 300); }
  EXPECT_EQ(base::read_file(folder / "m.csv"), before);
  MetricsFile file = MetricsFile::resume(folder / "m.csv", 200);
  EXPECT_EQ(steps(folder / "m.csv"), (std::vector<std::int64_t>{100, 200}));
  file.append(row(250));
  EXPECT_EQ(steps(folder / "m.csv"), (std::vector<std::int64_t>{100, 200, 250}));
  EXPECT_EQ(folder.count_files(), 2);  // and m.jsonl
}

TEST(Metrics, TheSameRowsAreObjectsOfJson) {
  const base::TemporaryFolder folder;
  const auto objects = [&] { return base::read_file(folder / "m.jsonl"); };
  MetricsRow odd = row(100);
  odd.images_per_s = std::numeric_limits<double>::infinity();
  odd.d_fake = std::numeric_limits<double>::quiet_NaN();
  const std::string first =
      R"({"step":100,"epoch":0.213220,"loss_g":0.9,"loss_d":1.25,"loss_real":0.62,"loss_fake":0.63,)"
      R"("penalty":0.125,"d_real":0.55,"d_fake":null,"images_per_s":null})"
      "\n";
  {
    MetricsFile file = MetricsFile::create(folder / "m.csv");
    file.append(odd);
    EXPECT_EQ(objects(), first);
    file.append(row(200));
  }
  const std::string both = objects();
  MetricsFile::resume(folder / "m.csv", 100);
  EXPECT_EQ(objects(), first);
  MetricsFile::resume(folder / "m.csv", 100).append(row(200));
  EXPECT_EQ(objects(), both);
  base::write_file(folder / "m.jsonl",
                   std::string_view("{\"step\":10"));  // torn: the table knows better
  MetricsFile::resume(folder / "m.csv", 200);
  EXPECT_EQ(objects(), both);
}

TEST(Metrics, ATornLastLineIsDropped) {
  const base::TemporaryFolder folder;
  MetricsFile::create(folder / "m.csv").append(row(100));
  const std::string whole = base::read_file(folder / "m.csv");
  MetricsFile::create(folder / "m.csv").append(row(100));
  // Cut anywhere, also where the rest looks like a row.
  for (std::size_t cut = kHeader.size(); cut < whole.size(); ++cut) {
    base::write_file(folder / "m.csv", whole + whole.substr(kHeader.size(), cut - kHeader.size()));
    EXPECT_EQ(steps(folder / "m.csv").size(), 1U);
    MetricsFile::resume(folder / "m.csv", 1000);
    EXPECT_EQ(base::read_file(folder / "m.csv"), whole);
  }
}

TEST(Metrics, RefusesMalformedRowsByLine) {
  const base::TemporaryFolder folder;
  const std::string good = "100,0.2,0.9,1.25,0.6,0.6,0,0.5,0.4,1\n";
  for (const std::string bad :
       {"", "100", "100,0.2,0.9,1.25,0.6,0.6,0,0.5,0.4", "100,0.2,0.9,1.25,0.6,0.6,0,0.5,0.4,1,2",
        "1.5,0.2,0.9,1.25,0.6,0.6,0,0.5,0.4,1", "100,0.2,,1.25,0.6,0.6,0,0.5,0.4,1",
        "100,0.2,x,1.25,0.6,0.6,0,0.5,0.4,1", "100;0.2;0.9;1.25;0.6;0.6;0;0.5;0.4;1",
        "99999999999999999999,0.2,0.9,1.25,0.6,0.6,0,0.5,0.4,1"}) {
    const std::string text =
        std::string(kHeader).append(good).append(bad).append("\n").append(good);
    base::write_file(folder / "m.csv", text);
    base::expect_error([&] { read_metrics(folder / "m.csv"); }, (folder / "m.csv").string(),
                       "line 3");
    base::expect_error([&] { MetricsFile::resume(folder / "m.csv", 5); }, "line 3");
    EXPECT_EQ(base::read_file(folder / "m.csv"), text);
  }
}

TEST(Metrics, RefusesAnotherHeader) {
  const base::TemporaryFolder folder;
  for (const std::string text : {"", "step,loss\n1,2\n", "step"}) {
    base::write_file(folder / "m.csv", text);
    base::expect_error([&] { read_metrics(folder / "m.csv"); }, "line 1");
  }
  base::expect_error([&] { read_metrics(folder / "none.csv"); }, "cannot read", "none.csv");
  base::expect_error([&] { MetricsFile::resume(folder / "none.csv", 1); }, "none.csv");
}

TEST(Metrics, ReportsAFullDisk) {
  const base::TemporaryFolder folder;
  MetricsFile file = MetricsFile::create(folder / "m.csv");
  const base::FileSizeLimit full(kHeader.size() + 10);
  base::expect_error([&] { file.append(row(1)); }, "cannot write " + (folder / "m.csv").string(),
                     "File too large");
  EXPECT_TRUE(read_metrics(folder / "m.csv").empty());
}

}  // namespace
}  // namespace gan::io
