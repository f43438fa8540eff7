#include "host/cli/run_jury.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "host/base/printable.h"
#include "host/cli/measures.h"
#include "host/cli/messages.h"
#include "host/cli/products_on.h"
#include "host/cli/signals.h"
#include "host/eval/generator_model.h"
#include "host/eval/samples.h"
#include "host/train/collapse.h"
#include "host/train/run_report.h"

namespace gan::cli {
namespace {

io::EvaluationsFile open_file(const std::filesystem::path& path, std::int64_t step) {
  return step < 0 ? io::EvaluationsFile::create(path) : io::EvaluationsFile::resume(path, step);
}

nlohmann::ordered_json row_of(const train::Occasion& occasion, const Judgement& judgement) {
  nlohmann::ordered_json row = {{"step", occasion.step}, {"epoch", occasion.epoch}};
  row["train_seconds"] = occasion.train_seconds ? nlohmann::ordered_json(*occasion.train_seconds)
                                                : nlohmann::ordered_json();
  row.update(to_json(judgement));
  return row;
}

// "epoch 10, average: parzen_ll 160.3, frechet 5.21"
std::string line_of(const train::Occasion& occasion, const Judgement& judgement) {
  std::string figures_text;
  for (const eval::Figure& figure : eval::figures())
    if (const auto value = figure.of(judgement.verdict))
      figures_text +=
          fmt::format("{} {} {:.4g}", figures_text.empty() ? "" : ",", figure.key, *value);
  return fmt::format("epoch {:g}, {}:{}", occasion.epoch, name_of(*judgement.weights),
                     figures_text);
}

// The figures that were taken, as TensorBoard has them.
std::vector<io::Scalar> scalars_of(const Judgement& judgement) {
  const bool average = judgement.weights == run::GeneratorWeights::average;
  std::vector<io::Scalar> scalars;
  for (const eval::Figure& figure : eval::figures())
    if (const auto value = figure.of(judgement.verdict))
      scalars.push_back(
          {fmt::format("{}/{}", figure.key, average ? "average" : "trained"), *value});
  return scalars;
}

// What takes a while before the first judgement.
void tell_preparation(const std::string& line) {
  renew_line("gan_cuda: " + line);
}

}  // namespace

std::unique_ptr<eval::Judge> make_run_judge(const run::RunSpec& spec,
                                            const data::DataSource& source) {
  const std::set<eval::Measure> measures = measures_of("--eval-measures", spec.eval_measures);
  const eval::Figure& aim = figure_of("--keep-best", spec.keep_best);
  require_count("--eval-count", spec.eval_count);
  if (spec.eval_every == 0) return nullptr;
  if (!measures.contains(aim.measure))
    throw base::UsageError(fmt::format(
        "--keep-best {} is no figure of --eval-measures {}; ask for {}, too, or keep another",
        aim.key, fmt::join(spec.eval_measures, ","), name_of(aim.measure)));
  auto judge = std::make_unique<eval::Judge>(source, products_on(spec.device), tell_preparation,
                                             &stop_flag());
  if (const auto reason = judge->why_not(measures))
    throw base::UsageError("--eval-measures: " + *reason);
  return judge;
}

RunJury::RunJury(const run::RunSpec& spec, eval::Judge& judge, const run::RunFolder& folder,
                 std::int64_t step, io::EventFile& events, eval::Notify say)
    : spec_(spec),
      judge_(judge),
      folder_(folder),
      events_(events),
      say_(std::move(say)),
      measures_(measures_of("--eval-measures", spec.eval_measures)),
      aim_(figure_of("--keep-best", spec.keep_best)),
      z_(eval::draw_latents(spec.eval_count, spec.latent, eval::SampleRequest{}.seed)),
      file_(open_file(folder.evaluations(), step)),
      best_(folder.model("G_best"), aim_, spec) {
  if (step >= 0) best_.resume();
}

void RunJury::judge(train::Engine& engine, const train::Occasion& occasion) {
  for (const auto weights : {run::GeneratorWeights::trained, run::GeneratorWeights::average}) {
    if (weights == run::GeneratorWeights::average && spec_.ema == 0) continue;
    const auto start = std::chrono::steady_clock::now();
    const eval::Matrix samples = samples_of(engine, weights, occasion.step);
    try {
      Judgement judgement{weights, judge_.judge(samples.view(), measures_), {}, 0};
      judgement.seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      folder_.require_held();
      record(engine, occasion, judgement);
    } catch (const eval::Stopped&) {
      throw train::JudgingStopped();
    } catch (const std::exception& error) {
      folder_.require_held();
      tell(fmt::format("no judgement at step {}: {}; the training continues", occasion.step,
                       base::reason_of(error)));  // an error, and so for --quiet, too
    }
  }
}

void RunJury::record(train::Engine& engine, const train::Occasion& occasion,
                     const Judgement& judgement) {
  tell_remarks(judgement.verdict);
  if (file_.restore()) say_("gan_cuda: " + train::removed_text(file_.path()));
  const bool best =
      best_.offer(engine, {occasion.step, *judgement.weights, aim_.of(judgement.verdict)});
  file_.append(row_of(occasion, judgement));
  events_.scalars(occasion.step, scalars_of(judgement));
  say_(line_of(occasion, judgement) + (best ? "; the best so far" : ""));
}

eval::Matrix RunJury::samples_of(train::Engine& engine, run::GeneratorWeights weights,
                                 std::int64_t step) const {
  eval::Matrix samples(z_.rows, judge_.pixels());
  samples.values = engine.generate(z_.values, weights);
  if (!std::ranges::all_of(samples.values, [](float v) { return v >= 0 && v <= 1; }))
    throw train::diverged(step, "what the generator draws is not finite");
  return samples;
}

void RunJury::tell_remarks(const eval::Verdict& verdict) {
  for (const std::string& remark : verdict.remarks)
    if (told_.insert(remark).second) say_("gan_cuda: " + remark);
}

}  // namespace gan::cli
