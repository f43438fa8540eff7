// What a sweep has found: metrics of runs, and their means over the seeds.
#pragma once
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/run/run_spec.h"

namespace gan::sweep {

// The metrics of one run by their names: those of `eval --json` as "trained.parzen_ll" and
// "average.parzen_ll", "train_seconds", and "seconds_to_155" and the like where the log-likelihood
// of either weights got there.
using Metrics = std::map<std::string, double>;

// Of the run in a folder, from its evaluation.jsonl and evaluations.jsonl; none while it is not
// finished.  Throws std::runtime_error when a file is broken.
std::optional<Metrics> metrics_of_run(const std::filesystem::path& folder);

struct MeanMetric {
  double mean, deviation;  // the standard deviation over the seeds, with n - 1; 0 for one
  int seeds;
};

// A metric that some runs lack is a mean over the others.
std::map<std::string, MeanMetric> means_of(const std::vector<Metrics>& runs);

struct ConfigurationResult {
  std::string name;
  int runs;                   // that there will be
  std::vector<Metrics> done;  // in the order of the seeds
};

// A row for each configuration, as Markdown.
std::string sweep_table(const std::vector<ConfigurationResult>& results);
nlohmann::ordered_json to_json(const std::vector<ConfigurationResult>& results);

}  // namespace gan::sweep
