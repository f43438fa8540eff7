// What `gan_cuda eval` prints.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/eval/sample_evaluator.h"
#include "host/run/run_spec.h"

namespace gan::cli {

// What was found about one set of samples.
struct Evaluation {
  std::optional<run::GeneratorWeights> weights;  // of a run, that drew them
  eval::EvalResult result;
  std::optional<eval::ParzenSensitivity> sensitivity;
  double seconds;
};

struct EvalReport {
  std::vector<std::string> samples;  // what was evaluated; one for each evaluation
  std::string data;                  // against what
  std::vector<Evaluation> evaluations;
};

// "trained" or "average".
std::string name_of(run::GeneratorWeights weights);

// A row for each measure that was taken, a column for each evaluation.
std::string table(const EvalReport& report);

// Every metric under its name; one that was not taken is null.
nlohmann::ordered_json to_json(const Evaluation& evaluation);

}  // namespace gan::cli
