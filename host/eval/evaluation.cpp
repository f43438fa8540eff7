#include "host/eval/evaluation.h"

#include <nlohmann/json.hpp>

#include "host/eval/metrics.h"

namespace gan::eval {
namespace {

using nlohmann::ordered_json;

// null when there is none.
template <class T, class Get>
ordered_json value_of(const std::optional<T>& optional, Get get) {
  return optional ? ordered_json(get(*optional)) : ordered_json();
}

ordered_json value_of(const std::optional<double>& optional) {
  return value_of(optional, [](double value) { return value; });
}

void add_parzen_details(ordered_json& json, const EvalResult& v) {
  json["parzen_se"] = value_of(v.parzen, [](const auto& p) { return p.standard_error; });
  json["parzen_sigma"] = value_of(v.parzen, [](const auto& p) { return p.sigma; });
  json["parzen_n"] = value_of(v.parzen, [](const auto& p) { return p.samples; });
  json["parzen_ceiling"] =
      value_of(v.parzen_ceiling, [](const auto& p) { return p.log_likelihood; });
}

ordered_json to_json(const ParzenScore& score) {
  return {{"parzen_ll", score.log_likelihood},
          {"parzen_se", score.standard_error},
          {"parzen_sigma", score.sigma},
          {"parzen_n", score.samples},
          {"parzen_grid", score.grid.count}};
}

ordered_json to_json(const ParzenSensitivity& sensitivity) {
  ordered_json scores = ordered_json::array();
  for (const ParzenScore& score : sensitivity.by_count) scores.push_back(to_json(score));
  scores.push_back(to_json(sensitivity.fine_grid));
  return scores;
}

}  // namespace

ordered_json to_json(const Evaluation& evaluation) {
  ordered_json json;
  if (evaluation.weights) json["weights"] = run::name_of(*evaluation.weights);
  for (const Metric& metric : metrics()) {
    if (metric.of_conditional && !metric.of(evaluation.result)) continue;
    json[std::string(metric.key)] = value_of(metric.of(evaluation.result));
    if (metric.group == MetricGroup::parzen) add_parzen_details(json, evaluation.result);
  }
  json["classifier_accuracy"] = value_of(evaluation.result.classifier_accuracy);
  json["seconds"] = evaluation.seconds;
  if (evaluation.sensitivity) json["sensitivity"] = to_json(*evaluation.sensitivity);
  return json;
}

}  // namespace gan::eval
