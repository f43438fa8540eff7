// What `gan_cuda eval` prints.
#pragma once
#include <string>

#include "host/eval/judge.h"

namespace gan {

struct EvalReport {
  std::string samples, data;  // what was judged, against what
  Verdict verdict;
  std::optional<ParzenSensitivity> sensitivity;
  double seconds;
};

// A row for each measure that was taken.
std::string table(const EvalReport& report);

// One JSON object in a line; a measure that was not taken is null.
std::string json_text(const EvalReport& report);

}  // namespace gan
