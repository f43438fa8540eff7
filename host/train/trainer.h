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
  // The run is done.  These are the weights of its generator: the moving average's, if there is
  // one.
  virtual void finished(const io::TensorFile& /*generator*/) {}
  // The folder is there, and files are about to be written: see LogFile::restore().
  virtual void restore_files() {}
};

enum class Outcome { finished, stopped };

// How a run is evaluated, and what was evaluated before.
struct Evaluation {
  Evaluator* evaluator = nullptr;            // none: the run is not evaluated
  std::optional<double> train_seconds = {};  // none: not known, and not kept
  std::int64_t last_step = -1;               // that was evaluated already; -1: none was
  bool is_owed = false;                      // an earlier part stopped before its evaluation
};

// Trains `engine` from its step, which is that of the checkpoint in the folder, to the run's last
// step.  A run that has done all its steps gets the files and the evaluation that it lacks.
//
// - Metrics are written as they arrive.
// - Sheets and checkpoints are written after the epochs that the run asks for, and at the end, even
//   within an epoch.
// - The generator is evaluated after the epochs that the run asks for and at the end.  It is
//   evaluated before the checkpoint of the same step, so that a resumed run leaves no evaluation
//   out.
// - When `stop` becomes true, the current step is finished and a checkpoint written.
//
// Throws std::runtime_error when the losses are no longer finite and, if spec.stop_on_collapse is
// set, when the run has collapsed; the last checkpoint is then an earlier one.
Outcome train(const run::RunSpec& spec, Engine& engine, const run::RunFolder& folder,
              io::MetricsFile& metrics, Observer& observer, const std::atomic<bool>& stop,
              const Evaluation& evaluation = {});

}  // namespace gan::train
