#include "host/sweep/sweep_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "host/base/file.h"
#include "host/base/json_text.h"

namespace gan::sweep {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Log-likelihoods whose time is told: the published generator's, real progress, the paper's.
constexpr int kMilestones[] = {155, 200, 225};

std::vector<json> lines_of(const fs::path& path) {
  std::vector<json> lines;
  std::istringstream text(base::read_file(path));
  for (std::string line; std::getline(text, line);) {
    json value = base::parse_json_or_null<json>(line);
    if (!value.is_object())
      throw std::runtime_error(
          path.string() +
          " holds a line that is not a JSON object; remove it to evaluate the run again");
    lines.push_back(std::move(value));
  }
  return lines;
}

void add_times(const std::vector<json>& evaluations, Metrics& metrics) {
  for (const json& row : evaluations) {
    if (!row.value("train_seconds", json()).is_number()) continue;
    const double seconds = row["train_seconds"];
    metrics["train_seconds"] = seconds;
    if (!row.value("parzen_ll", json()).is_number()) continue;
    for (const int milestone : kMilestones)
      if (row["parzen_ll"].get<double>() >= milestone)
        metrics.try_emplace(fmt::format("seconds_to_{}", milestone), seconds);
  }
}

struct Column {
  const char* title;
  const char* metric;
  int decimals;
};
constexpr Column kColumns[] = {{"nats, trained", "trained.parzen_ll", 1},
                               {"nats, average", "average.parzen_ll", 1},
                               {"Fréchet, trained", "trained.frechet", 2},
                               {"Fréchet, average", "average.frechet", 2},
                               {"recall", "average.recall", 2},
                               {"coverage", "average.coverage", 2},
                               {"smallest class", "average.min_class", 3},
                               {"seconds", "train_seconds", 0},
                               {"to 155 nats", "seconds_to_155", 0},
                               {"to 200", "seconds_to_200", 0},
                               {"to 225", "seconds_to_225", 0}};

std::string cell(const std::map<std::string, MeanMetric>& means, const Column& column) {
  const auto found = means.find(column.metric);
  if (found == means.end()) return "–";
  const MeanMetric& metric = found->second;
  std::string text = fmt::format("{:.{}f}", metric.mean, column.decimals);
  if (metric.seeds > 1) text += fmt::format(" ± {:.{}f}", metric.deviation, column.decimals);
  return text;
}

}  // namespace

std::optional<Metrics> metrics_of_run(const fs::path& folder) {
  if (!fs::exists(folder / "evaluation.jsonl")) return std::nullopt;
  Metrics metrics;
  for (const json& row : lines_of(folder / "evaluation.jsonl")) {
    const json weights = row.value("weights", json("trained"));
    if (!weights.is_string())
      throw std::runtime_error(
          (folder / "evaluation.jsonl").string() +
          ": its \"weights\" are not text; remove it to evaluate the run again");
    for (const auto& [name, value] : row.items())
      if (value.is_number())
        metrics[fmt::format("{}.{}", weights.get<std::string>(), name)] = value.get<double>();
  }
  if (fs::exists(folder / "evaluations.jsonl"))
    add_times(lines_of(folder / "evaluations.jsonl"), metrics);
  return metrics;
}

std::map<std::string, MeanMetric> means_of(const std::vector<Metrics>& runs) {
  std::map<std::string, std::vector<double>> values;
  for (const Metrics& run : runs)
    for (const auto& [name, value] : run) values[name].push_back(value);
  std::map<std::string, MeanMetric> means;
  for (const auto& [name, all] : values) {
    const auto n = static_cast<double>(all.size());
    double mean = 0, squares = 0;
    for (const double value : all) mean += value / n;
    for (const double value : all) squares += (value - mean) * (value - mean);
    means[name] = {mean, n > 1 ? std::sqrt(squares / (n - 1)) : 0, static_cast<int>(all.size())};
  }
  return means;
}

std::string sweep_table(const std::vector<ConfigurationResult>& results) {
  std::string text = "| configuration | runs |", rule = "|---|---|";
  for (const Column& column : kColumns) {
    text += fmt::format(" {} |", column.title);
    rule += "---|";
  }
  text += "\n" + rule + "\n";
  for (const ConfigurationResult& result : results) {
    const auto means = means_of(result.done);
    text += fmt::format("| {} | {}/{} |", result.name, result.done.size(), result.runs);
    for (const Column& column : kColumns) text += fmt::format(" {} |", cell(means, column));
    text += "\n";
  }
  return text;
}

nlohmann::ordered_json to_json(const std::vector<ConfigurationResult>& results) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const ConfigurationResult& result : results) {
    nlohmann::ordered_json metrics = nlohmann::ordered_json::object();
    for (const auto& [name, metric] : means_of(result.done))
      metrics[name] = {
          {"mean", metric.mean}, {"deviation", metric.deviation}, {"seeds", metric.seeds}};
    all.push_back({{"configuration", result.name},
                   {"runs", result.runs},
                   {"done", result.done.size()},
                   {"figures", metrics}});
  }
  return all;
}

}  // namespace gan::sweep
