#include "host/eval/metric_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "host/run/run_spec.h"

namespace gan::eval {

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

std::string group_names() {
  return list_of(kMetricGroups, &MetricGroupName::name);
}

std::set<MetricGroup> groups_of(const std::string& option, const std::vector<std::string>& names) {
  std::set<MetricGroup> groups;
  for (const std::string& name : names) {
    const auto* const known = std::ranges::find(kMetricGroups, name, &MetricGroupName::name);
    if (known == std::end(kMetricGroups))
      throw base::UsageError(
          fmt::format("{}: there is no \"{}\", only {}", option, name, group_names()));
    groups.insert(known->group);
  }
  return groups;
}

std::set<MetricGroup> all_groups() {
  std::set<MetricGroup> groups;
  for (const MetricGroupName& known : kMetricGroups) groups.insert(known.group);
  return groups;
}

std::string name_of(MetricGroup group) {
  return std::string(std::ranges::find(kMetricGroups, group, &MetricGroupName::group)->name);
}

std::string metric_names() {
  return list_of(metrics(), &Metric::key);
}

const Metric& metric_of(const std::string& option, const std::string& name) {
  const auto known = std::ranges::find(metrics(), name, &Metric::key);
  if (known == metrics().end())
    throw base::UsageError(option + ": there is no \"" + name + "\", only " + metric_names());
  return *known;
}

void require_count(const std::string& option, int count) {
  if (count < SampleEvaluator::kFewest || count > kMost)
    throw base::UsageError(fmt::format("{} must be from {} to {}, not {}", option,
                                       SampleEvaluator::kFewest, kMost, count));
}

}  // namespace gan::eval
