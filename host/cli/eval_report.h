// What `gan_cuda eval` prints.
#pragma once
#include <string>
#include <vector>

#include "host/eval/evaluation.h"

namespace gan::cli {

struct EvalReport {
  std::vector<std::string> samples;  // what was evaluated; one for each evaluation
  std::string data;                  // against what
  std::vector<eval::Evaluation> evaluations;
};

// A row for each metric that was taken, a column for each evaluation.
std::string table(const EvalReport& report);

}  // namespace gan::cli
