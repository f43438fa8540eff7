#include "host/io/report/report.h"

#include <gmock/gmock.h>

#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "tests/io/support.h"

namespace gan::io {
namespace {

using nlohmann::json;
using testing::HasSubstr, testing::Not;

const std::string kBegin = "<script type=\"application/json\" id=\"run\">";

// The text of the run's data in a page, as a browser ends it: at the first thing that looks like
// an end.
std::string data_text(const std::string& page) {
  const std::size_t begin = page.find(kBegin) + kBegin.size();
  return page.substr(begin, page.find("</script", begin) - begin);
}

json data_of(const Report& report) {
  return json::parse(data_text(report_page(report)));
}

class ReportPage : public testing::Test {
 protected:
  ReportPage() {
    report_.config = R"({"run":{"batch":128}})";
    report_.total_steps = 1000;
  }

  void add_rows(int count) {
    for (int i = 1; i <= count; ++i) {
      MetricsRow row;
      row.step = 100 * i;
      row.epoch = i;
      row.loss_g = 2 * i;
      report_.rows.push_back(row);
    }
  }

  void add_sheets(int count) {
    for (int epoch = 1; epoch <= count; ++epoch) {
      const std::string name = std::to_string(epoch);
      std::ofstream(folder_ / name) << "png " << epoch;
      std::ofstream(folder_ / (name + "_ema")) << "average";
      report_.sheets.push_back(
          {static_cast<double>(epoch), folder_ / name, folder_ / (name + "_ema")});
    }
  }

  base::TemporaryFolder folder_;
  Report report_;
};

TEST_F(ReportPage, HoldsItsDataAndAsksNobodyForMore) {
  add_rows(3);
  report_.state = RunState::stopped;
  report_.step = 300;
  const std::string page = report_page(report_);
  EXPECT_THAT(page, testing::StartsWith("<!doctype html>"));
  EXPECT_THAT(page, testing::EndsWith("</html>\n"));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  for (const char* const request : {"src=\"http", "href=\"http", "sourceMappingURL", "@run@"})
    EXPECT_THAT(page, Not(HasSubstr(request)));
  const json data = data_of(report_);
  EXPECT_EQ(data["state"],
            (json{{"name", "stopped"}, {"failure", ""}, {"step", 300}, {"total_steps", 1000}}));
  EXPECT_EQ(data["config"]["run"]["batch"], 128);
  EXPECT_EQ(data["metrics"]["count"], 3);
  EXPECT_EQ(data["metrics"]["each"], 1);
  EXPECT_EQ(data["metrics"]["columns"].size(), data["metrics"]["points"][0].size());
  EXPECT_EQ(data["metrics"]["columns"][3], "loss_g");
  EXPECT_EQ(data["metrics"]["points"][2][1], 300);
  EXPECT_EQ(data["metrics"]["points"][2][3], 6);
}

TEST_F(ReportPage, OfARunThatHasNothingYetIsWhole) {
  const json data = data_of(report_);
  EXPECT_EQ(data["metrics"]["points"], json::array());
  EXPECT_EQ(data["sheets"]["chosen"], json::array());
  EXPECT_EQ(data["evaluations"]["rows"], json::array());
  EXPECT_EQ(data["state"]["name"], "training");
}

TEST_F(ReportPage, CarriesTheBytesOfTheSheets) {
  add_sheets(2);
  report_.sheets[1].average.clear();
  const json sheets = data_of(report_)["sheets"];
  EXPECT_EQ(sheets, json::parse(R"({"count": 2, "chosen": [
      {"epoch": 1, "trained": "cG5nIDE=", "average": "YXZlcmFnZQ=="},
      {"epoch": 2, "trained": "cG5nIDI="}]})"));
}

TEST_F(ReportPage, ThinsTheSheetsEvenlyWithTheFirstAndTheLast) {
  for (const int count : {39, 40, 41, 79, 400}) {
    report_.sheets.clear();
    add_sheets(count);
    const json sheets = data_of(report_)["sheets"];
    EXPECT_EQ(sheets["count"], count);
    const json& chosen = sheets["chosen"];
    ASSERT_EQ(chosen.size(), std::min<std::size_t>(count, kReportSheets));
    EXPECT_EQ(chosen.front()["epoch"], 1);
    EXPECT_EQ(chosen.back()["epoch"], count);
    const int step = (count - 1) / static_cast<int>(chosen.size() - 1);
    for (std::size_t i = 1; i < chosen.size(); ++i) {
      const int apart = chosen[i]["epoch"].get<int>() - chosen[i - 1]["epoch"].get<int>();
      EXPECT_TRUE(apart == step || apart == step + 1) << apart << " of " << count;
    }
  }
}

TEST_F(ReportPage, AveragesRowsWhenThereAreMany) {
  add_rows(4001);
  const json metrics = data_of(report_)["metrics"];
  EXPECT_EQ(metrics["count"], 4001);
  EXPECT_EQ(metrics["each"], 3);
  const json& points = metrics["points"];
  ASSERT_EQ(points.size(), 1334u);
  EXPECT_EQ(points[0][0], 3);           // the epoch of the third row,
  EXPECT_EQ(points[0][3], 4);           // and the mean of 2, 4 and 6
  EXPECT_EQ(points.back()[3], 8001.0);  // of the rest, 4000 and 4001
  EXPECT_EQ(points.back()[1], 400100);
}

TEST_F(ReportPage, HasNullWhereJsonHasNoNumber) {
  add_rows(1);
  report_.rows[0].loss_g = std::numeric_limits<double>::infinity();
  report_.rows[0].loss_d = std::numeric_limits<double>::quiet_NaN();
  const json points = data_of(report_)["metrics"]["points"];
  EXPECT_TRUE(points[0][2].is_null());
  EXPECT_TRUE(points[0][3].is_null());
}

TEST_F(ReportPage, ThinsJudgementsByTheirStep) {
  for (int step = 1; step <= 500; ++step)
    for (const char* const weights : {"trained", "average"})
      report_.evaluations += json{{"step", step}, {"weights", weights}}.dump() + "\n";
  report_.evaluations += "{\"step\":501,\"wei";  // of a program that was killed
  const json evaluations = data_of(report_)["evaluations"];
  EXPECT_EQ(evaluations["count"], 500);
  ASSERT_EQ(evaluations["rows"].size(), 2 * kReportEvaluations);
  EXPECT_EQ(evaluations["rows"][1], (json{{"step", 1}, {"weights", "average"}}));
  EXPECT_EQ(evaluations["rows"].back(), (json{{"step", 500}, {"weights", "average"}}));
}

TEST_F(ReportPage, LetsNoTextBecomeAPartOfIt) {
  const std::string attack = "</script><script>alert(1)</script><!--<script>\u2028\"'&\\";
  report_.config = json{{"run", {{"data", attack}}}}.dump();
  report_.failure = attack;
  report_.evaluations = json{{"step", 1}, {"weights", attack}}.dump() + "\n";
  const std::string page = report_page(report_);
  EXPECT_THAT(page, Not(HasSubstr("alert(1)</")));
  EXPECT_THAT(data_text(page), Not(HasSubstr("<")));
  const json data = data_of(report_);
  EXPECT_EQ(data["config"]["run"]["data"], attack);
  EXPECT_EQ(data["state"]["failure"], attack);
  EXPECT_EQ(data["evaluations"]["rows"][0]["weights"], attack);
}

TEST_F(ReportPage, BearsTextThatIsNoUtf8) {
  report_.failure = "cannot read \xff";
  EXPECT_EQ(data_of(report_)["state"]["failure"], "cannot read \ufffd");
}

TEST_F(ReportPage, NamesASheetThatCannotBeRead) {
  report_.sheets = {{1, folder_ / "missing.png", {}}};
  base::expect_error([this] { report_page(report_); }, "cannot read", "missing.png");
}

// A browser's numbers have 53 bits.
TEST_F(ReportPage, KeepsSeedsExactly) {
  report_.config =
      R"({"run":{"seed":18446744073709551615,"latent":100,"lr":0.0002,"x":[9007199254740993]}})";
  const json data = data_of(report_);
  EXPECT_EQ(data["config"]["run"]["seed"], "18446744073709551615");
  EXPECT_EQ(data["config"]["run"]["x"][0], "9007199254740993");
  EXPECT_EQ(data["config"]["run"]["latent"], 100);
  EXPECT_EQ(data["config"]["run"]["lr"], 0.0002);
}

}  // namespace
}  // namespace gan::io
