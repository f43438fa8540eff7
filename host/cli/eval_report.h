// What `gan_cuda eval` prints.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/eval/judge.h"
#include "host/run/run_spec.h"

namespace gan::cli {

// What was found about one set of samples.
struct Judgement {
  std::optional<run::GeneratorWeights> weights;  // of a run, that drew them
  eval::Verdict verdict;
  std::optional<eval::ParzenSensitivity> sensitivity;
  double seconds;
};

struct EvalReport {
  std::vector<std::string> samples;  // what was judged; one for each judgement
  std::string data;                  // against what
  std::vector<Judgement> judgements;
};

// "trained" or "average".
std::string name_of(run::GeneratorWeights weights);

// A row for each measure that was taken, a column for each judgement.
std::string table(const EvalReport& report);

// Every figure under its name; one that was not taken is null.
nlohmann::ordered_json to_json(const Judgement& judgement);

}  // namespace gan::cli
