#include "host/cli/measures.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/run/run_spec.h"

namespace gan {

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
  return list_of(kMeasures, &MeasureName::name);
}

std::set<Measure> measures_of(const std::string& option, const std::vector<std::string>& names) {
  std::set<Measure> measures;
  for (const std::string& name : names) {
    const auto* const known = std::ranges::find(kMeasures, name, &MeasureName::name);
    if (known == std::end(kMeasures))
      throw UsageError(option + ": there is no \"" + name + "\", only " + measure_names());
    measures.insert(known->measure);
  }
  return measures;
}

std::set<Measure> all_measures() {
  std::set<Measure> measures;
  for (const MeasureName& known : kMeasures) measures.insert(known.measure);
  return measures;
}

std::string name_of(Measure measure) {
  return std::string(std::ranges::find(kMeasures, measure, &MeasureName::measure)->name);
}

std::string figure_names() {
  return list_of(figures(), &Figure::key);
}

const Figure& figure_of(const std::string& option, const std::string& name) {
  const auto known = std::ranges::find(figures(), name, &Figure::key);
  if (known == figures().end())
    throw UsageError(option + ": there is no \"" + name + "\", only " + figure_names());
  return *known;
}

void require_count(const std::string& option, int count) {
  if (count < Judge::kFewest || count > kMost)
    throw UsageError(
        fmt::format("{} must be from {} to {}, not {}", option, Judge::kFewest, kMost, count));
}

}  // namespace gan
