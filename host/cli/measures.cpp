#include "host/cli/measures.h"

#include <algorithm>

#include "host/model/run_spec.h"

namespace gan {

std::string measure_names() {
  std::string names;
  for (const MeasureName& known : kMeasures)
    names += (names.empty() ? "" : ", ") + std::string(known.name);
  return names;
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

}  // namespace gan
