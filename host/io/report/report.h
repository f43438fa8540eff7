// report.html: a run to look at, in one page that needs nothing else.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/io/metrics.h"

namespace gan::io {

enum class RunState { training, finished, stopped, failed };

// The sheets of samples after an epoch, or where a run ended within one.
struct ReportSheets {
  double epoch;
  std::filesystem::path trained;
  std::filesystem::path average;  // empty: there is none
};

struct Report {
  std::string config;  // JSON, as in config.json
  RunState state = RunState::training;
  std::string failure;                     // why it failed
  std::int64_t step = 0, total_steps = 0;  // completed, and wanted
  std::vector<MetricsRow> rows;
  std::vector<ReportSheets> sheets;  // by epoch
  std::string evaluations;           // JSON Lines, as in evaluations.jsonl
  bool is_explored = false;          // explore.html lies beside the page, which then links it
};

// What a page holds at most, so that its size is bounded.  Of more it holds as many, evenly, with
// the first and the last; rows are averaged.  It says so.
inline constexpr std::size_t kReportPoints = 2000, kReportSheets = 40, kReportEvaluations = 200;

// The page.  No text of the report becomes a part of the page's HTML or script.  Throws
// std::runtime_error when a sheet cannot be read.
std::string report_page(const Report& report);

// Whether a page made by report_page() says that the run finished with this many steps, of as many.
bool says_finished(std::string_view page, std::int64_t steps);

}  // namespace gan::io
