// The metrics of a result that are one number each, under the names that programs know them by.
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "host/eval/sample_evaluator.h"

namespace gan::eval {

enum class Better { higher, lower };

struct Metric {
  std::string_view key;  // in JSON
  MetricGroup group;     // that it belongs to
  Better better;
  std::optional<double> (*of)(const EvalResult& result);
  bool of_conditional = false;  // only conditional generators have it
};

// All of them, in the order in which they are written.
std::span<const Metric> metrics();

}  // namespace gan::eval
