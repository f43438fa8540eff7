// What was found about one set of samples, and its place in files.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "host/eval/sample_evaluator.h"
#include "host/run/run_spec.h"

namespace gan::eval {

struct Evaluation {
  std::optional<run::GeneratorWeights> weights;  // of a run, that drew them
  EvalResult result;
  std::optional<ParzenSensitivity> sensitivity;
  double seconds;
};

// Every metric under its name; one that was not taken is null.
nlohmann::ordered_json to_json(const Evaluation& evaluation);

}  // namespace gan::eval
