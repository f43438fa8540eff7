// Options that are lists of measures.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "host/eval/judge.h"

namespace gan {

std::string measure_names();  // "parzen, frechet, …"

// The measures that `option` was given.  Throws UsageError for a name that is none.
std::set<Measure> measures_of(const std::string& option, const std::vector<std::string>& names);

std::set<Measure> all_measures();

}  // namespace gan
