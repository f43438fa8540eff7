// The figures of a verdict that are one number each, under the names that programs know them by.
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "host/eval/judge.h"

namespace gan::eval {

enum class Better { higher, lower };

struct Figure {
  std::string_view key;  // in JSON
  Measure measure;       // that it belongs to
  Better better;
  std::optional<double> (*of)(const Verdict& verdict);
};

// All of them, in the order in which they are written.
std::span<const Figure> figures();

}  // namespace gan::eval
