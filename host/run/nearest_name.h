// What somebody who mistyped a name may have meant.
#pragma once
#include <string>
#include <vector>

namespace gan::run {

// "; did you mean lr-g?" if one of the names is at most two letters away from the typed one, is one
// of its words, begins with it, or is ours for a typed name of other programs; else nothing.
// Leading dashes, the case of letters, and _ for - do not matter.
std::string did_you_mean(const std::string& typed, const std::vector<std::string>& names);

}  // namespace gan::run
