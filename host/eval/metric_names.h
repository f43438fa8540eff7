// The names of metrics, and of the groups in which they are computed, as options give them.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "host/eval/metrics.h"

namespace gan::eval {

std::string group_names();  // "parzen, frechet, …"

// The groups that `option` was given.  Throws UsageError for an unknown name.
std::set<MetricGroup> groups_of(const std::string& option, const std::vector<std::string>& names);

std::set<MetricGroup> all_groups();

std::string name_of(MetricGroup group);

std::string metric_names();  // "parzen_ll, frechet, …"

// Throws UsageError when `option` was given an unknown name.
const Metric& metric_of(const std::string& option, const std::string& name);

// Samples that can be evaluated.  Throws UsageError when `option` was given another number.
void require_count(const std::string& option, int count);

}  // namespace gan::eval
