// The training loop around an engine: epochs, reports, samples, checkpoints.
#pragma once
#include <atomic>
#include <string>

#include "host/io/images/image.h"
#include "host/io/metrics.h"
#include "host/run/run_folder.h"
#include "host/train/engine.h"
#include "host/train/evaluator.h"

namespace gan::train {

// Told what happens while a run trains.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void losses(const io::MetricsRow& row) = 0;
  // A sheet of samples was drawn.
  virtual void sheet(std::int64_t /*step*/, run::GeneratorWeights /*weights*/,
                     const io::Image& /*image*/) {}
  virtual void epoch_done(std::int64_t epoch) = 0;
  virtual void warning(const std::string& line) = 0;
  // The folder is there, and files are about to be written: see LogFile::restore().
  virtual void restore_files() {}
};

enum class Outcome { finished, stopped };

// Who evaluates a run, and for how long it has trained before.
struct Evaluation {
  Evaluator* evaluator = nullptr;            // none: nobody does
  std::optional<double> train_seconds = {};  // none: not known, and not kept
  std::int64_t last_step = -1;               // that was evaluated already; -1: none was
  bool is_owed = false;                      // an earlier part stopped before its evaluation
};

// Trains `engine` from its step, which is that of the checkpoint in the folder, to the run's last
// one; a run that is there already gets what it lacks, and so does one whose last evaluation is
// missing.  Writes metrics as they arrive, samples and checkpoints at the epochs the run asks for
// and at the end, within an epoch as well, and has the generator evaluated likewise, always before
// the checkpoint of the same step, so that none is left out when a run resumes from there.  When
// `stop` becomes true, finishes the step, writes a checkpoint and returns.  Throws
// std::runtime_error when the losses are no longer finite, and when the game has ended if
// spec.stop_on_collapse asks for that; the last checkpoint is then from before.
Outcome train(const run::RunSpec& spec, Engine& engine, const run::RunFolder& folder,
              io::MetricsFile& metrics, Observer& observer, const std::atomic<bool>& stop,
              const Evaluation& evaluation = {});

}  // namespace gan::train
