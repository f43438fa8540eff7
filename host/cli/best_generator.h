// The best generator of a run so far, in a file beside the last one.
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "host/eval/figures.h"
#include "host/train/engine.h"

namespace gan::cli {

// A generator by one figure of its samples.
struct Candidate {
  std::int64_t step;
  run::GeneratorWeights weights;
  std::optional<double> value;  // of the figure, if it was taken
};

class BestGenerator {
 public:
  // The best by `figure` of spec.eval_count samples, in the file at `path`.
  BestGenerator(std::filesystem::path path, const eval::Figure& figure, const run::RunSpec& spec)
      : path_(std::move(path)), figure_(figure), spec_(spec) {}

  // What an earlier part of the run left is the best so far, unless it was judged by something
  // else.  Throws std::runtime_error when the file is not one that offer() wrote.
  void resume();

  // Writes the engine's generator, atomically, if it is better than all before; tells if it is.
  bool offer(train::Engine& engine, const Candidate& candidate);

 private:
  bool is_better(double value) const;

  std::filesystem::path path_;
  const eval::Figure& figure_;
  const run::RunSpec& spec_;
  std::optional<double> best_;
};

}  // namespace gan::cli
