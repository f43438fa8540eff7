// The best generator of a run so far, in a file beside the last one.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "host/eval/metrics.h"
#include "host/train/engine.h"

namespace gan::eval {

// A generator by one metric of its samples.
struct Candidate {
  std::int64_t step;
  run::GeneratorWeights weights;
  std::optional<double> value;  // of the metric, if it was taken
};

class BestGenerator {
 public:
  // The best by `metric` of spec.eval_count samples, in the file at `path`.
  BestGenerator(std::filesystem::path path, const Metric& metric, const run::RunSpec& spec)
      : path_(std::move(path)), metric_(metric), spec_(spec) {}

  // What an earlier part of the run left is the best so far, unless it was evaluated by something
  // else.  Throws std::runtime_error when the file is not one that offer() wrote.
  void resume();

  // Writes the engine's generator, atomically, if it is better than all before; tells if it is.
  bool offer(train::Engine& engine, const Candidate& candidate);

 private:
  bool is_better(double value) const;

  std::filesystem::path path_;
  const Metric& metric_;
  const run::RunSpec& spec_;
  std::optional<double> best_;
};

}  // namespace gan::eval
