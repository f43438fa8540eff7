#include "host/cli/eval_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace gan {
namespace {

using nlohmann::ordered_json;

std::string row(std::string_view measure, std::string_view value, std::string_view comment) {
  return fmt::format("{:<24}{:>16}   {}\n", measure, value, comment);
}

std::string number_row(std::string_view measure, double value, std::string_view comment) {
  return row(measure, fmt::format("{:.3f}", value), comment);
}

std::string likelihood(const ParzenScore& score) {
  return fmt::format("{:.1f} ± {:.1f}", score.log_likelihood, score.standard_error);
}

std::string parzen_rows(const Verdict& verdict) {
  const ParzenScore& score = *verdict.parzen;
  return row("log-likelihood, nats", likelihood(score),
             fmt::format("Parzen window of {} samples, σ {:.3f} out of {} from {:g} to {:g}",
                         score.samples, score.sigma, score.grid.count, score.grid.smallest,
                         score.grid.largest)) +
         row("  of real images", likelihood(*verdict.parzen_ceiling),
             "training images as the samples; beyond it, more is not better");
}

std::string sensitivity_rows(const ParzenSensitivity& sensitivity) {
  std::string rows;
  for (const ParzenScore& score : sensitivity.by_count)
    rows += row(fmt::format("  with {} samples", score.samples), likelihood(score),
                fmt::format("σ {:.3f}", score.sigma));
  const ParzenScore& fine = sensitivity.fine_grid;
  return rows + row("  with a finer grid", likelihood(fine),
                    fmt::format("σ {:.3f} out of {}", fine.sigma, fine.grid.count));
}

// null when there is none.
template <class T, class Get>
ordered_json value_of(const std::optional<T>& optional, Get get) {
  return optional ? ordered_json(get(*optional)) : ordered_json();
}

ordered_json value_of(const std::optional<double>& optional) {
  return value_of(optional, [](double value) { return value; });
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

std::string table(const EvalReport& report) {
  const Verdict& v = report.verdict;
  std::string text = fmt::format("{}, against {}\n", report.samples, report.data);
  if (v.parzen) text += parzen_rows(v);
  if (report.sensitivity) text += sensitivity_rows(*report.sensitivity);
  if (v.frechet) text += number_row("Fréchet distance", *v.frechet, "0 is best");
  if (v.classifier_score) text += number_row("classifier score", *v.classifier_score, "10 is best");
  if (v.kid) text += row("kernel distance", fmt::format("{:.5f}", *v.kid), "0 is best");
  if (const auto& n = v.neighbourhoods) {
    text += number_row("precision", n->precision, "share of samples near real images");
    text += number_row("recall", n->recall, "share of real images near samples");
    text += number_row("density", n->density, "real neighbourhoods around a sample, 1 as real");
    text +=
        number_row("coverage", n->coverage, "share of real images with a sample nearest to them");
  }
  if (v.classes) {
    text += row("KL of the classes", fmt::format("{:.5f}", v.classes->kl_to_uniform),
                "from equal shares; 0 is best");
    text += number_row("smallest class", v.classes->smallest_share, "its share; 0.1 is best");
  }
  if (v.classifier_accuracy)
    text += number_row("classifier accuracy", *v.classifier_accuracy, "on the test images");
  return text + row("seconds", fmt::format("{:.1f}", report.seconds), "");
}

std::string json_text(const EvalReport& report) {
  const Verdict& v = report.verdict;
  ordered_json json;
  json["parzen_ll"] = value_of(v.parzen, [](const auto& p) { return p.log_likelihood; });
  json["parzen_se"] = value_of(v.parzen, [](const auto& p) { return p.standard_error; });
  json["parzen_sigma"] = value_of(v.parzen, [](const auto& p) { return p.sigma; });
  json["parzen_n"] = value_of(v.parzen, [](const auto& p) { return p.samples; });
  json["parzen_ceiling"] =
      value_of(v.parzen_ceiling, [](const auto& p) { return p.log_likelihood; });
  json["frechet"] = value_of(v.frechet);
  json["classifier_score"] = value_of(v.classifier_score);
  json["kid"] = value_of(v.kid);
  json["precision"] = value_of(v.neighbourhoods, [](const auto& n) { return n.precision; });
  json["recall"] = value_of(v.neighbourhoods, [](const auto& n) { return n.recall; });
  json["density"] = value_of(v.neighbourhoods, [](const auto& n) { return n.density; });
  json["coverage"] = value_of(v.neighbourhoods, [](const auto& n) { return n.coverage; });
  json["class_kl"] = value_of(v.classes, [](const auto& c) { return c.kl_to_uniform; });
  json["min_class"] = value_of(v.classes, [](const auto& c) { return c.smallest_share; });
  json["classifier_accuracy"] = value_of(v.classifier_accuracy);
  json["seconds"] = report.seconds;
  if (report.sensitivity) json["sensitivity"] = to_json(*report.sensitivity);
  return json.dump() + "\n";
}

}  // namespace gan
