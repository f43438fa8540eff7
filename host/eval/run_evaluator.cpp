#include "host/eval/run_evaluator.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "host/base/printable.h"
#include "host/eval/generator_model.h"
#include "host/eval/metric_names.h"
#include "host/eval/products_on.h"
#include "host/eval/samples.h"
#include "host/train/collapse.h"
#include "host/train/run_report.h"

namespace gan::eval {
namespace {

io::EvaluationsFile open_file(const std::filesystem::path& path, std::int64_t step) {
  return step < 0 ? io::EvaluationsFile::create(path) : io::EvaluationsFile::resume(path, step);
}

nlohmann::ordered_json row_of(const train::EvalPoint& point, const Evaluation& evaluation) {
  nlohmann::ordered_json row = {{"step", point.step}, {"epoch", point.epoch}};
  row["train_seconds"] =
      point.train_seconds ? nlohmann::ordered_json(*point.train_seconds) : nlohmann::ordered_json();
  row.update(to_json(evaluation));
  return row;
}

// "epoch 10, average: parzen_ll 160.3, frechet 5.21"
std::string line_of(const train::EvalPoint& point, const Evaluation& evaluation) {
  std::string metrics_text;
  for (const Metric& metric : metrics())
    if (const auto value = metric.of(evaluation.result))
      metrics_text +=
          fmt::format("{} {} {:.4g}", metrics_text.empty() ? "" : ",", metric.key, *value);
  return fmt::format("epoch {:g}, {}:{}", point.epoch, run::name_of(*evaluation.weights),
                     metrics_text);
}

// The metrics that were taken, as TensorBoard has them.
std::vector<io::Scalar> scalars_of(const Evaluation& evaluation) {
  const bool average = evaluation.weights == run::GeneratorWeights::average;
  std::vector<io::Scalar> scalars;
  for (const Metric& metric : metrics())
    if (const auto value = metric.of(evaluation.result))
      scalars.push_back(
          {fmt::format("{}/{}", metric.key, average ? "average" : "trained"), *value});
  return scalars;
}

}  // namespace

std::unique_ptr<SampleEvaluator> make_sample_evaluator(const run::RunSpec& spec,
                                                       const data::DataSource& source,
                                                       Notify notify,
                                                       const std::atomic<bool>& stop) {
  const std::set<MetricGroup> groups = groups_of("--eval-measures", spec.eval_groups);
  const Metric& aim = metric_of("--keep-best", spec.keep_best);
  require_count("--eval-count", spec.eval_count);
  if (spec.eval_every == 0) return nullptr;
  if (!groups.contains(aim.group))
    throw base::UsageError(
        fmt::format("--keep-best {} is not a metric of --eval-measures {}; add {} to it, or keep "
                    "another metric",
                    aim.key, fmt::join(spec.eval_groups, ","), name_of(aim.group)));
  if (aim.of_conditional && !spec.conditional)
    throw base::UsageError(
        fmt::format("--keep-best {} needs --conditional: other generators have none", aim.key));
  auto evaluator =
      std::make_unique<SampleEvaluator>(source, products_on(spec.device), std::move(notify), &stop);
  if (const auto reason = evaluator->why_not(groups))
    throw base::UsageError("--eval-measures: " + *reason);
  return evaluator;
}

RunEvaluator::RunEvaluator(const run::RunSpec& spec, SampleEvaluator& evaluator,
                           const run::RunFolder& folder, std::int64_t step, io::EventFile& events,
                           RunMessages messages)
    : spec_(spec),
      evaluator_(evaluator),
      folder_(folder),
      events_(events),
      messages_(std::move(messages)),
      groups_(groups_of("--eval-measures", spec.eval_groups)),
      aim_(metric_of("--keep-best", spec.keep_best)),
      z_(draw_latents(spec.eval_count, spec.latent, SampleRequest{}.seed,
                      spec.latent_distribution)),
      file_(open_file(folder.evaluations(), step)),
      best_(folder.model("G_best"), aim_, spec) {
  if (spec.conditional)
    classes_ = classes_like(evaluator.training_labels(), spec.eval_count,
                            static_cast<int>(spec.data.classes.size()));
  if (step >= 0) best_.resume();
}

void RunEvaluator::evaluate(train::Engine& engine, const train::EvalPoint& point) {
  for (const auto weights : {run::GeneratorWeights::trained, run::GeneratorWeights::average}) {
    if (weights == run::GeneratorWeights::average && spec_.ema == 0) continue;
    const auto start = std::chrono::steady_clock::now();
    const Matrix samples = samples_of(engine, weights, point.step);
    try {
      Evaluation evaluation{weights, evaluator_.evaluate(samples.view(), groups_, classes_), {}, 0};
      evaluation.seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      folder_.require_held();
      record(engine, point, evaluation);
    } catch (const Stopped&) {
      throw train::EvaluationStopped();
    } catch (const std::exception& error) {
      folder_.require_held();
      messages_.error(fmt::format("no evaluation at step {}: {}; the training continues",
                                  point.step,
                                  base::reason_of(error)));  // an error, and so for --quiet, too
    }
  }
}

void RunEvaluator::record(train::Engine& engine, const train::EvalPoint& point,
                          const Evaluation& evaluation) {
  tell_remarks(evaluation.result);
  if (file_.restore()) messages_.progress("gan_cuda: " + train::removed_text(file_.path()));
  const bool best =
      best_.offer(engine, {point.step, *evaluation.weights, aim_.of(evaluation.result)});
  file_.append(row_of(point, evaluation));
  events_.scalars(point.step, scalars_of(evaluation));
  messages_.progress(line_of(point, evaluation) + (best ? "; the best so far" : ""));
}

Matrix RunEvaluator::samples_of(train::Engine& engine, run::GeneratorWeights weights,
                                std::int64_t step) const {
  Matrix samples(z_.rows, evaluator_.pixels());
  samples.values = engine.generate(z_.values, weights, classes_);
  if (!std::ranges::all_of(samples.values, [](float v) { return v >= 0 && v <= 1; }))
    throw train::diverged(step, "what the generator draws is not finite");
  return samples;
}

void RunEvaluator::tell_remarks(const EvalResult& result) {
  for (const std::string& remark : result.remarks)
    if (told_.insert(remark).second) messages_.progress("gan_cuda: " + remark);
}

}  // namespace gan::eval
