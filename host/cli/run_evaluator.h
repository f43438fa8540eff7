// The evaluator of `gan_cuda eval`, called in while a run trains.
#pragma once
#include <memory>
#include <set>

#include "host/cli/best_generator.h"
#include "host/cli/eval_report.h"
#include "host/eval/matrix.h"
#include "host/eval/sample_evaluator.h"
#include "host/io/evaluations.h"
#include "host/io/tensorboard/event_file.h"
#include "host/run/run_folder.h"
#include "host/train/evaluator.h"

namespace gan::cli {

// The evaluator that `spec` asks for; none when it asks for no evaluations.  Throws UsageError when
// they cannot be made: unknown names, or data without test images or labels that a metric needs.
std::unique_ptr<eval::SampleEvaluator> make_sample_evaluator(const run::RunSpec& spec,
                                                             const data::DataSource& source);

// Evaluates the generator and its moving average, by the samples that `gan_cuda eval` draws;
// appends to the run's evaluations.jsonl, keeps the best generator, and says how it went in a line
// each. What goes wrong with an evaluation is said, and never ends the training.
class RunEvaluator : public train::Evaluator {
 public:
  // For a run whose evaluations up to `step` are kept; -1: it begins.
  RunEvaluator(const run::RunSpec& spec, eval::SampleEvaluator& evaluator,
               const run::RunFolder& folder, std::int64_t step, io::EventFile& events,
               eval::Notify say);

  void evaluate(train::Engine& engine, const train::EvalPoint& point) override;

 private:
  eval::Matrix samples_of(train::Engine& engine, run::GeneratorWeights weights,
                          std::int64_t step) const;
  void record(train::Engine& engine, const train::EvalPoint& point, const Evaluation& evaluation);
  void tell_remarks(const eval::EvalResult& result);

  const run::RunSpec& spec_;
  eval::SampleEvaluator& evaluator_;
  const run::RunFolder& folder_;
  io::EventFile& events_;
  eval::Notify say_;
  std::set<eval::MetricGroup> groups_;
  const eval::Metric& aim_;  // the metric that the best generator is chosen by
  eval::Matrix z_;           // (eval_count, latent)
  io::EvaluationsFile file_;
  BestGenerator best_;
  std::set<std::string> told_;
};

}  // namespace gan::cli
