#include "host/io/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>

#include "host/base/file.h"
#include "host/base/json_text.h"
#include "host/io/page/script_data.h"
#include "page_templates.h"

namespace gan::io {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kColumns =
    R"(["epoch","step","loss_d","loss_g","loss_real","loss_fake","penalty","d_real","d_fake","images_per_s"])";

// Indices of at most `most` of `count` things, evenly, with the first and the last.
std::vector<std::size_t> evenly(std::size_t count, std::size_t most) {
  const std::size_t n = std::min(count, most);
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < n; ++i)
    chosen.push_back(n == 1 ? 0 : (i * (count - 1) + (n - 1) / 2) / (n - 1));
  return chosen;
}

std::string_view name_of(RunState state) {
  constexpr std::array<std::string_view, 4> names = {"training", "finished", "stopped", "failed"};
  return names[static_cast<std::size_t>(state)];
}

std::string state_json(const Report& report) {
  return script_json({{"name", name_of(report.state)},
                      {"failure", report.failure},
                      {"step", report.step},
                      {"total_steps", report.total_steps}});
}

constexpr std::string_view kStateKey = "{\"state\":";  // what the data of the page begin with

// The mean of the rows, at the place of the last.
std::string point(std::span<const MetricsRow> rows) {
  std::string text = fmt::format("[{:.6f},{}", rows.back().epoch, rows.back().step);
  for (const auto column : {&MetricsRow::loss_d, &MetricsRow::loss_g, &MetricsRow::loss_real,
                            &MetricsRow::loss_fake, &MetricsRow::penalty, &MetricsRow::d_real,
                            &MetricsRow::d_fake, &MetricsRow::images_per_s}) {
    double mean = 0;
    for (const MetricsRow& row : rows) mean += row.*column / static_cast<double>(rows.size());
    text += std::isfinite(mean) ? fmt::format(",{:.6g}", mean) : ",null";
  }
  return text + ']';
}

std::string metrics_json(std::span<const MetricsRow> rows) {
  const std::size_t each =
      std::max<std::size_t>(1, (rows.size() + kReportPoints - 1) / kReportPoints);
  std::string points;
  for (std::size_t i = 0; i < rows.size(); i += each)
    points += (i == 0 ? "" : ",\n") + point(rows.subspan(i, std::min(each, rows.size() - i)));
  return fmt::format(R"({{"count":{},"each":{},"columns":{},"points":[{}]}})", rows.size(), each,
                     kColumns, points);
}

// Sheets are nearly all of the page: they are added where they belong instead of being passed on.
void add_sheets(std::string& page, const std::vector<ReportSheets>& sheets) {
  page += fmt::format(R"({{"count":{},"chosen":[)", sheets.size());
  const char* comma = "";
  for (const std::size_t i : evenly(sheets.size(), kReportSheets)) {
    page +=
        fmt::format(R"({}{{"epoch":{},"trained":")", std::exchange(comma, ",\n"), sheets[i].epoch);
    add_base64(page, base::read_file(sheets[i].trained));
    if (!sheets[i].average.empty()) {
      page += R"(","average":")";
      add_base64(page, base::read_file(sheets[i].average));
    }
    page += R"("})";
  }
  page += "]}";
}

// The evaluations of one step: the generator's, and its moving average's.
using EvaluatedStep = std::vector<ordered_json>;

std::vector<EvaluatedStep> parse_evaluations(const std::string& lines) {
  std::vector<EvaluatedStep> evaluated;
  std::istringstream stream(lines);
  for (std::string line; std::getline(stream, line);) {
    ordered_json row = base::parse_json_or_null<ordered_json>(line);
    if (!row.is_object() || !row.contains("step")) continue;
    if (evaluated.empty() || evaluated.back().front()["step"] != row["step"])
      evaluated.emplace_back();
    evaluated.back().push_back(std::move(row));
  }
  return evaluated;
}

std::string evaluations_json(const std::string& lines) {
  const std::vector<EvaluatedStep> evaluated = parse_evaluations(lines);
  ordered_json rows = ordered_json::array();
  for (const std::size_t i : evenly(evaluated.size(), kReportEvaluations))
    for (const ordered_json& row : evaluated[i]) rows.push_back(row);
  return script_json({{"count", evaluated.size()}, {"rows", rows}});
}

// Numbers that a browser's JSON would round, as texts; a seed has 64 bits.
ordered_json with_exact_numbers(ordered_json json) {
  constexpr double kMostExact = 9007199254740992;  // 2⁵³
  if (json.is_structured())
    for (ordered_json& value : json) value = with_exact_numbers(std::move(value));
  else if (json.is_number_integer() && std::abs(json.get<double>()) >= kMostExact)
    json = json.dump();
  return json;
}

}  // namespace

std::string report_page(const Report& report) {
  std::string page(kReportTemplate.head);
  page += fmt::format(
      "{}{},\n\"explored\":{},\n\"config\":{},\n\"metrics\":{},\n\"evaluations\":{},\n\"sheets\":",
      kStateKey, state_json(report), report.is_explored,
      script_json(with_exact_numbers(ordered_json::parse(report.config))),
      metrics_json(report.rows), evaluations_json(report.evaluations));
  add_sheets(page, report.sheets);
  page += '}';
  page += kReportTemplate.tail;
  return page;
}

bool says_finished(std::string_view page, std::int64_t steps) {
  Report finished;
  finished.state = RunState::finished;
  finished.step = finished.total_steps = steps;
  return page.find(std::string(kStateKey) + state_json(finished)) != std::string_view::npos;
}

}  // namespace gan::io
