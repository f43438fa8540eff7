#include "host/cli/measures.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/run/run_spec.h"

namespace gan::cli {

namespace {

constexpr int kMost = 1'000'000;  // samples

// "a, b, …"
template <class Things, class Name>
std::string list_of(const Things& things, Name name) {
  std::string names;
  for (const auto& thing : things) names += (names.empty() ? "" : ", ") + std::string(thing.*name);
  return names;
}

}  // namespace

std::string measure_names() {
  return list_of(eval::kMeasures, &eval::MeasureName::name);
}

std::set<eval::Measure> measures_of(const std::string& option,
                                    const std::vector<std::string>& names) {
  std::set<eval::Measure> measures;
  for (const std::string& name : names) {
    const auto* const known = std::ranges::find(eval::kMeasures, name, &eval::MeasureName::name);
    if (known == std::end(eval::kMeasures))
      throw base::UsageError(option + ": there is no \"" + name + "\", only " + measure_names());
    measures.insert(known->measure);
  }
  return measures;
}

std::set<eval::Measure> all_measures() {
  std::set<eval::Measure> measures;
  for (const eval::MeasureName& known : eval::kMeasures) measures.insert(known.measure);
  return measures;
}

std::string name_of(eval::Measure measure) {
  return std::string(
      std::ranges::find(eval::kMeasures, measure, &eval::MeasureName::measure)->name);
}

std::string figure_names() {
  return list_of(eval::figures(), &eval::Figure::key);
}

const eval::Figure& figure_of(const std::string& option, const std::string& name) {
  const auto known = std::ranges::find(eval::figures(), name, &eval::Figure::key);
  if (known == eval::figures().end())
    throw base::UsageError(option + ": there is no \"" + name + "\", only " + figure_names());
  return *known;
}

void require_count(const std::string& option, int count) {
  if (count < eval::Judge::kFewest || count > kMost)
    throw base::UsageError(fmt::format("{} must be from {} to {}, not {}", option,
                                       eval::Judge::kFewest, kMost, count));
}

}  // namespace gan::cli
