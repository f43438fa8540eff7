#include "host/cli/eval_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "host/base/printable.h"
#include "host/eval/metrics.h"

namespace gan::cli {
namespace {

using Evaluations = std::vector<eval::Evaluation>;

std::string row(std::string_view label, const std::vector<std::string>& values,
                std::string_view comment) {
  std::string text = fmt::format("{:<24}", label);
  for (const std::string& value : values) text += fmt::format("{:>16}", value);
  return text + fmt::format("   {}\n", comment);
}

// A row of text_of(*find(evaluation)); empty if find() returns null for one of the evaluations.
template <class Find, class TextOf>
std::string row(std::string_view label, const Evaluations& evaluations, Find find, TextOf text_of,
                std::string_view comment) {
  std::vector<std::string> values;
  for (const eval::Evaluation& evaluation : evaluations) {
    const auto* const found = find(evaluation);
    if (found == nullptr) return "";
    values.push_back(text_of(*found));
  }
  return row(label, values, comment);
}

template <class Part>
auto find_part(std::optional<Part> eval::EvalResult::*part) {
  return [part](const eval::Evaluation& evaluation) {
    const auto& found = evaluation.result.*part;
    return found ? &*found : nullptr;
  };
}

std::string likelihood(const eval::ParzenScore& score) {
  return fmt::format("{:.1f} ± {:.1f}", score.log_likelihood, score.standard_error);
}

// "σ 0.215", or for several scores "σ 0.215, 0.167".
std::string widths(const std::vector<const eval::ParzenScore*>& scores) {
  std::vector<std::string> texts;
  texts.reserve(scores.size());
  for (const eval::ParzenScore* const score : scores)
    texts.push_back(fmt::format("{:.3f}", score->sigma));
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  return fmt::format("σ {}", fmt::join(texts, ", "));
}

std::string parzen_rows(const Evaluations& evaluations) {
  if (!evaluations.front().result.parzen) return "";
  std::vector<const eval::ParzenScore*> scores;
  for (const eval::Evaluation& evaluation : evaluations)
    scores.push_back(&*evaluation.result.parzen);
  const eval::ParzenScore& score = *scores.front();
  return row("log-likelihood, nats", evaluations, find_part(&eval::EvalResult::parzen), likelihood,
             fmt::format("Parzen window of {} samples, {} out of {} from {:g} to {:g}",
                         score.samples, widths(scores), score.grid.count, score.grid.smallest,
                         score.grid.largest)) +
         row("  of real images", evaluations, find_part(&eval::EvalResult::parzen_ceiling),
             likelihood, "training images as the samples; beyond it, more is not better");
}

std::string sensitivity_row(
    std::string_view name, const Evaluations& evaluations,
    const std::function<const eval::ParzenScore*(const eval::Evaluation&)>& find,
    const std::string& more) {
  std::vector<const eval::ParzenScore*> scores;
  for (const eval::Evaluation& evaluation : evaluations) scores.push_back(find(evaluation));
  return row(name, evaluations, find, likelihood, widths(scores) + more);
}

std::string sensitivity_rows(const Evaluations& evaluations) {
  if (!evaluations.front().sensitivity) return "";
  std::string rows;
  const auto& by_count = evaluations.front().sensitivity->by_count;
  for (std::size_t i = 0; i < by_count.size(); ++i)
    rows += sensitivity_row(
        fmt::format("  with {} samples", by_count[i].samples), evaluations,
        [i](const eval::Evaluation& each) { return &each.sensitivity->by_count[i]; }, "");
  const int finer = evaluations.front().sensitivity->fine_grid.grid.count;
  return rows + sensitivity_row(
                    "  with a finer grid", evaluations,
                    [](const eval::Evaluation& each) { return &each.sensitivity->fine_grid; },
                    fmt::format(" out of {}", finer));
}

// Makes the row of a number that is a member of the result or of a part of it.
struct NumberRows {
  const Evaluations& evaluations;

  std::string operator()(std::string_view label, std::optional<double> eval::EvalResult::*part,
                         std::string_view comment, int decimals = 3) const {
    return row(
        label, evaluations, find_part(part),
        [decimals](double value) { return fmt::format("{:.{}f}", value, decimals); }, comment);
  }
  template <class Part>
  std::string operator()(std::string_view label, std::optional<Part> eval::EvalResult::*part,
                         double Part::*field, std::string_view comment, int decimals = 3) const {
    return row(
        label, evaluations, find_part(part),
        [=](const Part& found) { return fmt::format("{:.{}f}", found.*field, decimals); }, comment);
  }
};

std::string feature_rows(const Evaluations& evaluations) {
  const NumberRows number_row{evaluations};
  const auto neighbours = &eval::EvalResult::neighbourhoods;
  return number_row("Fréchet distance", &eval::EvalResult::frechet, "0 is best") +
         number_row("classifier score", &eval::EvalResult::classifier_score, "10 is best") +
         number_row("kernel distance", &eval::EvalResult::kid, "0 is best", 5) +
         number_row("precision", neighbours, &eval::Neighbourhoods::precision,
                    "share of samples near real images") +
         number_row("recall", neighbours, &eval::Neighbourhoods::recall,
                    "share of real images near samples") +
         number_row("density", neighbours, &eval::Neighbourhoods::density,
                    "real neighbourhoods around a sample, 1 as real") +
         number_row("coverage", neighbours, &eval::Neighbourhoods::coverage,
                    "share of real images with a sample nearest to them") +
         number_row("KL of the classes", &eval::EvalResult::classes,
                    &eval::ClassCoverage::kl_to_uniform, "from equal shares; 0 is best", 5) +
         number_row("smallest class", &eval::EvalResult::classes,
                    &eval::ClassCoverage::smallest_share, "its share; 0.1 is best") +
         number_row("class accuracy", &eval::EvalResult::class_accuracy,
                    "share of samples read as the class asked for") +
         number_row("classifier accuracy", &eval::EvalResult::classifier_accuracy,
                    "on the test images");
}

// The evaluated samples in one line; or one line for each column, and the columns' names.
std::string heading(const EvalReport& report) {
  if (report.evaluations.size() == 1)
    return base::one_line(fmt::format("{}, against {}", report.samples.front(), report.data)) +
           "\n";
  std::string text;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < report.evaluations.size(); ++i) {
    names.emplace_back(run::name_of(*report.evaluations[i].weights));
    text += base::one_line(fmt::format("{}: {}", names.back(), report.samples[i])) + "\n";
  }
  return text + base::one_line("against " + report.data) + "\n" + row("", names, "");
}

}  // namespace

std::string table(const EvalReport& report) {
  const Evaluations& all = report.evaluations;
  const auto seconds = [](double value) { return fmt::format("{:.1f}", value); };
  return heading(report) + parzen_rows(all) + sensitivity_rows(all) + feature_rows(all) +
         row(
             "seconds", all, [](const eval::Evaluation& each) { return &each.seconds; }, seconds,
             "");
}

}  // namespace gan::cli
