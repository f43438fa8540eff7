// The evaluation of a run while it trains.
#pragma once
#include <memory>
#include <set>

#include "host/eval/best_generator.h"
#include "host/eval/evaluation.h"
#include "host/eval/matrix.h"
#include "host/eval/metrics.h"
#include "host/eval/sample_evaluator.h"
#include "host/io/evaluations.h"
#include "host/io/tensorboard/event_file.h"
#include "host/run/run_folder.h"
#include "host/train/evaluator.h"

namespace gan::eval {

// The evaluator that `spec` asks for; none when it asks for no evaluations.  `notify` and `stop`
// are the evaluator's.  Throws UsageError when they cannot be made: unknown names, or data without
// test images or labels that a metric needs.
std::unique_ptr<SampleEvaluator> make_sample_evaluator(const run::RunSpec& spec,
                                                       const data::DataSource& source,
                                                       Notify notify,
                                                       const std::atomic<bool>& stop);

// Where a run's evaluations are told.
struct RunMessages {
  Notify progress;  // a line on how it goes
  Notify error;     // that the training survives
};

// Evaluates the generator and its moving average, by the samples that `gan_cuda eval` draws;
// appends to the run's evaluations.jsonl, keeps the best generator, and says how it went in a line
// each. What goes wrong with an evaluation is said, and never ends the training.
class RunEvaluator : public train::Evaluator {
 public:
  // For a run whose evaluations up to `step` are kept; -1: it begins.
  RunEvaluator(const run::RunSpec& spec, SampleEvaluator& evaluator, const run::RunFolder& folder,
               std::int64_t step, io::EventFile& events, RunMessages messages);

  void evaluate(train::Engine& engine, const train::EvalPoint& point) override;

 private:
  Matrix samples_of(train::Engine& engine, run::GeneratorWeights weights, std::int64_t step) const;
  void record(train::Engine& engine, const train::EvalPoint& point, const Evaluation& evaluation);
  void tell_remarks(const EvalResult& result);

  const run::RunSpec& spec_;
  SampleEvaluator& evaluator_;
  const run::RunFolder& folder_;
  io::EventFile& events_;
  RunMessages messages_;
  std::set<MetricGroup> groups_;
  const Metric& aim_;                  // the metric that the best generator is chosen by
  Matrix z_;                           // (eval_count, latent)
  std::vector<std::uint8_t> classes_;  // (eval_count), of a conditional run
  io::EvaluationsFile file_;
  BestGenerator best_;
  std::set<std::string> told_;
};

}  // namespace gan::eval
