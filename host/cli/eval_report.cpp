#include "host/cli/eval_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/base/printable.h"
#include "host/eval/figures.h"

namespace gan::cli {
namespace {

using nlohmann::ordered_json;
using Judgements = std::vector<Judgement>;

std::string row(std::string_view measure, const std::vector<std::string>& values,
                std::string_view comment) {
  std::string text = fmt::format("{:<24}", measure);
  for (const std::string& value : values) text += fmt::format("{:>16}", value);
  return text + fmt::format("   {}\n", comment);
}

// A row with text_of(what `find` finds in a judgement) for each; none where nothing is found.
template <class Find, class TextOf>
std::string row(std::string_view measure, const Judgements& judgements, Find find, TextOf text_of,
                std::string_view comment) {
  std::vector<std::string> values;
  for (const Judgement& judgement : judgements) {
    const auto* const found = find(judgement);
    if (found == nullptr) return "";
    values.push_back(text_of(*found));
  }
  return row(measure, values, comment);
}

template <class Part>
auto find_part(std::optional<Part> eval::Verdict::*part) {
  return [part](const Judgement& judgement) {
    const auto& found = judgement.verdict.*part;
    return found ? &*found : nullptr;
  };
}

std::string likelihood(const eval::ParzenScore& score) {
  return fmt::format("{:.1f} ± {:.1f}", score.log_likelihood, score.standard_error);
}

// "σ 0.215", or of several scores "σ 0.215, 0.167".
std::string widths(const std::vector<const eval::ParzenScore*>& scores) {
  std::vector<std::string> texts;
  texts.reserve(scores.size());
  for (const eval::ParzenScore* const score : scores)
    texts.push_back(fmt::format("{:.3f}", score->sigma));
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return fmt::format("σ {}", fmt::join(texts, ", "));
}

std::string parzen_rows(const Judgements& judgements) {
  if (!judgements.front().verdict.parzen) return "";
  std::vector<const eval::ParzenScore*> scores;
  for (const Judgement& judgement : judgements) scores.push_back(&*judgement.verdict.parzen);
  const eval::ParzenScore& score = *scores.front();
  return row("log-likelihood, nats", judgements, find_part(&eval::Verdict::parzen), likelihood,
             fmt::format("Parzen window of {} samples, {} out of {} from {:g} to {:g}",
                         score.samples, widths(scores), score.grid.count, score.grid.smallest,
                         score.grid.largest)) +
         row("  of real images", judgements, find_part(&eval::Verdict::parzen_ceiling), likelihood,
             "training images as the samples; beyond it, more is not better");
}

std::string sensitivity_row(std::string_view name, const Judgements& judgements,
                            const std::function<const eval::ParzenScore*(const Judgement&)>& find,
                            const std::string& more) {
  std::vector<const eval::ParzenScore*> scores;
  for (const Judgement& judgement : judgements) scores.push_back(find(judgement));
  return row(name, judgements, find, likelihood, widths(scores) + more);
}

std::string sensitivity_rows(const Judgements& judgements) {
  if (!judgements.front().sensitivity) return "";
  std::string rows;
  const auto& by_count = judgements.front().sensitivity->by_count;
  for (std::size_t i = 0; i < by_count.size(); ++i)
    rows += sensitivity_row(
        fmt::format("  with {} samples", by_count[i].samples), judgements,
        [i](const Judgement& j) { return &j.sensitivity->by_count[i]; }, "");
  const int finer = judgements.front().sensitivity->fine_grid.grid.count;
  return rows + sensitivity_row(
                    "  with a finer grid", judgements,
                    [](const Judgement& j) { return &j.sensitivity->fine_grid; },
                    fmt::format(" out of {}", finer));
}

// The rows of a number in the verdict, or in a part of it.
struct NumberRows {
  const Judgements& judgements;

  std::string operator()(std::string_view measure, std::optional<double> eval::Verdict::*part,
                         std::string_view comment, int decimals = 3) const {
    return row(
        measure, judgements, find_part(part),
        [decimals](double value) { return fmt::format("{:.{}f}", value, decimals); }, comment);
  }
  template <class Part>
  std::string operator()(std::string_view measure, std::optional<Part> eval::Verdict::*part,
                         double Part::*field, std::string_view comment, int decimals = 3) const {
    return row(
        measure, judgements, find_part(part),
        [=](const Part& found) { return fmt::format("{:.{}f}", found.*field, decimals); }, comment);
  }
};

std::string feature_rows(const Judgements& judgements) {
  const NumberRows number_row{judgements};
  const auto neighbours = &eval::Verdict::neighbourhoods;
  return number_row("Fréchet distance", &eval::Verdict::frechet, "0 is best") +
         number_row("classifier score", &eval::Verdict::classifier_score, "10 is best") +
         number_row("kernel distance", &eval::Verdict::kid, "0 is best", 5) +
         number_row("precision", neighbours, &eval::Neighbourhoods::precision,
                    "share of samples near real images") +
         number_row("recall", neighbours, &eval::Neighbourhoods::recall,
                    "share of real images near samples") +
         number_row("density", neighbours, &eval::Neighbourhoods::density,
                    "real neighbourhoods around a sample, 1 as real") +
         number_row("coverage", neighbours, &eval::Neighbourhoods::coverage,
                    "share of real images with a sample nearest to them") +
         number_row("KL of the classes", &eval::Verdict::classes,
                    &eval::ClassCoverage::kl_to_uniform, "from equal shares; 0 is best", 5) +
         number_row("smallest class", &eval::Verdict::classes, &eval::ClassCoverage::smallest_share,
                    "its share; 0.1 is best") +
         number_row("classifier accuracy", &eval::Verdict::classifier_accuracy,
                    "on the test images");
}

// What was judged: in a line, or in one for each column, and the columns' names.
std::string heading(const EvalReport& report) {
  if (report.judgements.size() == 1)
    return base::one_line(fmt::format("{}, against {}", report.samples.front(), report.data)) +
           "\n";
  std::string text;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < report.judgements.size(); ++i) {
    names.push_back(name_of(*report.judgements[i].weights));
    text += base::one_line(fmt::format("{}: {}", names.back(), report.samples[i])) + "\n";
  }
  return text + base::one_line("against " + report.data) + "\n" + row("", names, "");
}

// null when there is none.
template <class T, class Get>
ordered_json value_of(const std::optional<T>& optional, Get get) {
  return optional ? ordered_json(get(*optional)) : ordered_json();
}

ordered_json value_of(const std::optional<double>& optional) {
  return value_of(optional, [](double value) { return value; });
}

void add_parzen_details(ordered_json& json, const eval::Verdict& v) {
  json["parzen_se"] = value_of(v.parzen, [](const auto& p) { return p.standard_error; });
  json["parzen_sigma"] = value_of(v.parzen, [](const auto& p) { return p.sigma; });
  json["parzen_n"] = value_of(v.parzen, [](const auto& p) { return p.samples; });
  json["parzen_ceiling"] =
      value_of(v.parzen_ceiling, [](const auto& p) { return p.log_likelihood; });
}

ordered_json to_json(const eval::ParzenScore& score) {
  return {{"parzen_ll", score.log_likelihood},
          {"parzen_se", score.standard_error},
          {"parzen_sigma", score.sigma},
          {"parzen_n", score.samples},
          {"parzen_grid", score.grid.count}};
}

ordered_json to_json(const eval::ParzenSensitivity& sensitivity) {
  ordered_json scores = ordered_json::array();
  for (const eval::ParzenScore& score : sensitivity.by_count) scores.push_back(to_json(score));
  scores.push_back(to_json(sensitivity.fine_grid));
  return scores;
}

}  // namespace

std::string name_of(run::GeneratorWeights weights) {
  return weights == run::GeneratorWeights::trained ? "trained" : "average";
}

std::string table(const EvalReport& report) {
  const Judgements& all = report.judgements;
  const auto seconds = [](double value) { return fmt::format("{:.1f}", value); };
  return heading(report) + parzen_rows(all) + sensitivity_rows(all) + feature_rows(all) +
         row(
             "seconds", all, [](const Judgement& j) { return &j.seconds; }, seconds, "");
}

ordered_json to_json(const Judgement& judgement) {
  ordered_json json;
  if (judgement.weights) json["weights"] = name_of(*judgement.weights);
  for (const eval::Figure& figure : eval::figures()) {
    json[std::string(figure.key)] = value_of(figure.of(judgement.verdict));
    if (figure.measure == eval::Measure::parzen) add_parzen_details(json, judgement.verdict);
  }
  json["classifier_accuracy"] = value_of(judgement.verdict.classifier_accuracy);
  json["seconds"] = judgement.seconds;
  if (judgement.sensitivity) json["sensitivity"] = to_json(*judgement.sensitivity);
  return json;
}

}  // namespace gan::cli
