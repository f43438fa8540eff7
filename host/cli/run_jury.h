// The judge of `gan_cuda eval`, called in while a run trains.
#pragma once
#include <memory>
#include <set>

#include "host/cli/best_generator.h"
#include "host/cli/eval_report.h"
#include "host/eval/judge.h"
#include "host/eval/matrix.h"
#include "host/io/evaluations.h"
#include "host/io/tensorboard/event_file.h"
#include "host/train/jury.h"
#include "host/run/run_folder.h"

namespace gan {

// The judge that `spec` asks for; none when it asks for no judgements.  Throws UsageError when they
// cannot be made: unknown names, or data without test images or labels that a measure needs.
std::unique_ptr<Judge> make_run_judge(const RunSpec& spec, const DataSource& source);

// Judges the generator and its moving average, by the samples that `gan_cuda eval` draws; appends
// to the run's evaluations.jsonl, keeps the best generator, and says how it went in a line each.
// What comes in the way of a judgement is said, and never ends the training.
class RunJury : public Jury {
 public:
  // For a run whose judgements up to `step` are kept; -1: it begins.
  RunJury(const RunSpec& spec, Judge& judge, const RunFolder& folder, std::int64_t step,
          EventFile& events, Notify say);

  void judge(Engine& engine, const Occasion& occasion) override;

 private:
  Matrix samples_of(Engine& engine, GeneratorWeights weights, std::int64_t step) const;
  void record(Engine& engine, const Occasion& occasion, const Judgement& judgement);
  void tell_remarks(const Verdict& verdict);

  const RunSpec& spec_;
  Judge& judge_;
  const RunFolder& folder_;
  EventFile& events_;
  Notify say_;
  std::set<Measure> measures_;
  const Figure& aim_;  // the figure that the best generator is chosen by
  Matrix z_;           // (eval_count, latent)
  EvaluationsFile file_;
  BestGenerator best_;
  std::set<std::string> told_;
};

}  // namespace gan
