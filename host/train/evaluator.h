// The interface through which a run that trains has its generator evaluated.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>

#include "host/train/engine.h"

namespace gan::train {

// When a generator is evaluated.
struct EvalPoint {
  std::int64_t step;                    // steps completed
  double epoch;                         // epochs completed, with fraction
  std::optional<double> train_seconds;  // of training alone, since the run began; none: not known
};

// An evaluation was broken off because the run is to stop.
class EvaluationStopped : public std::runtime_error {
 public:
  EvaluationStopped() : std::runtime_error("the evaluation was stopped") {}
};

class Evaluator {
 public:
  virtual ~Evaluator() = default;

  // Evaluates what `engine` has trained.  May not change its state.  Throws EvaluationStopped, and
  // whatever else must end the training.
  virtual void evaluate(Engine& engine, const EvalPoint& point) = 0;
};

}  // namespace gan::train
