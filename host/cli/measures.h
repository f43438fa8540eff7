// Options that name measures and figures.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "host/eval/figures.h"

namespace gan::cli {

std::string measure_names();  // "parzen, frechet, …"

// The measures that `option` was given.  Throws UsageError for a name that is none.
std::set<eval::Measure> measures_of(const std::string& option,
                                    const std::vector<std::string>& names);

std::set<eval::Measure> all_measures();

std::string name_of(eval::Measure measure);

std::string figure_names();  // "parzen_ll, frechet, …"

// Throws UsageError when `option` was given the name of no figure.
const eval::Figure& figure_of(const std::string& option, const std::string& name);

// Samples that can be judged.  Throws UsageError when `option` was given another number.
void require_count(const std::string& option, int count);

}  // namespace gan::cli
