// Whoever judges the generator while a run trains.
#pragma once
#include <cstdint>
#include <optional>
#include <stdexcept>

#include "host/train/engine.h"

namespace gan::train {

// When a generator is judged.
struct Occasion {
  std::int64_t step;                    // steps completed
  double epoch;                         // epochs completed, with fraction
  std::optional<double> train_seconds;  // of training alone, since the run began; none: not known
};

// A judgement was broken off because the run is to stop.
class JudgingStopped : public std::runtime_error {
 public:
  JudgingStopped() : std::runtime_error("the judgement was stopped") {}
};

class Jury {
 public:
  virtual ~Jury() = default;

  // Judges what `engine` has trained.  May not change its state.  Throws JudgingStopped, and
  // whatever else must end the training.
  virtual void judge(Engine& engine, const Occasion& occasion) = 0;
};

}  // namespace gan::train
