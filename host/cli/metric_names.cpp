#include "host/cli/metric_names.h"

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

std::string group_names() {
  return list_of(eval::kMetricGroups, &eval::MetricGroupName::name);
}

std::set<eval::MetricGroup> groups_of(const std::string& option,
                                      const std::vector<std::string>& names) {
  std::set<eval::MetricGroup> groups;
  for (const std::string& name : names) {
    const auto* const known =
        std::ranges::find(eval::kMetricGroups, name, &eval::MetricGroupName::name);
    if (known == std::end(eval::kMetricGroups))
      throw base::UsageError(option + ": there is no \"" + name + "\", only " + group_names());
    groups.insert(known->group);
  }
  return groups;
}

std::set<eval::MetricGroup> all_groups() {
  std::set<eval::MetricGroup> groups;
  for (const eval::MetricGroupName& known : eval::kMetricGroups) groups.insert(known.group);
  return groups;
}

std::string name_of(eval::MetricGroup group) {
  return std::string(
      std::ranges::find(eval::kMetricGroups, group, &eval::MetricGroupName::group)->name);
}

std::string metric_names() {
  return list_of(eval::metrics(), &eval::Metric::key);
}

const eval::Metric& metric_of(const std::string& option, const std::string& name) {
  const auto known = std::ranges::find(eval::metrics(), name, &eval::Metric::key);
  if (known == eval::metrics().end())
    throw base::UsageError(option + ": there is no \"" + name + "\", only " + metric_names());
  return *known;
}

void require_count(const std::string& option, int count) {
  if (count < eval::SampleEvaluator::kFewest || count > kMost)
    throw base::UsageError(fmt::format("{} must be from {} to {}, not {}", option,
                                       eval::SampleEvaluator::kFewest, kMost, count));
}

}  // namespace gan::cli
