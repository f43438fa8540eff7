// What `gan_cuda eval` prints.
#pragma once
#include <string>
#include <vector>

#include "host/eval/evaluation.h"

namespace gan::cli {

struct EvalReport {
  std::vector<std::string> samples;  // names of the evaluated samples, one for each evaluation
  std::string data;                  // name of the data that they were compared with
  std::vector<eval::Evaluation> evaluations;
};

// A table with a row for each metric that was measured and a column for each evaluation.
std::string table(const EvalReport& report);

}  // namespace gan::cli
