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
#include "host/run/run_folder.h"
#include "host/train/jury.h"

namespace gan::cli {

// The judge that `spec` asks for; none when it asks for no judgements.  Throws UsageError when they
// cannot be made: unknown names, or data without test images or labels that a measure needs.
std::unique_ptr<eval::Judge> make_run_judge(const run::RunSpec& spec,
                                            const data::DataSource& source);

// Judges the generator and its moving average, by the samples that `gan_cuda eval` draws; appends
// to the run's evaluations.jsonl, keeps the best generator, and says how it went in a line each.
// What comes in the way of a judgement is said, and never ends the training.
class RunJury : public train::Jury {
 public:
  // For a run whose judgements up to `step` are kept; -1: it begins.
  RunJury(const run::RunSpec& spec, eval::Judge& judge, const run::RunFolder& folder,
          std::int64_t step, io::EventFile& events, eval::Notify say);

  void judge(train::Engine& engine, const train::Occasion& occasion) override;

 private:
  eval::Matrix samples_of(train::Engine& engine, run::GeneratorWeights weights,
                          std::int64_t step) const;
  void record(train::Engine& engine, const train::Occasion& occasion, const Judgement& judgement);
  void tell_remarks(const eval::Verdict& verdict);

  const run::RunSpec& spec_;
  eval::Judge& judge_;
  const run::RunFolder& folder_;
  io::EventFile& events_;
  eval::Notify say_;
  std::set<eval::Measure> measures_;
  const eval::Figure& aim_;  // the figure that the best generator is chosen by
  eval::Matrix z_;           // (eval_count, latent)
  io::EvaluationsFile file_;
  BestGenerator best_;
  std::set<std::string> told_;
};

}  // namespace gan::cli
