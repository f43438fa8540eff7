// What somebody who mistyped a name may have meant.
#pragma once
#include <string>
#include <vector>

namespace gan::run {

// "; did you mean lr-g?" if one of the names is at most two letters away, if what was typed is a
// word or the beginning of it, or if other programs call it so; else nothing.  Dashes in front, the
// case of letters, and _ for - do not matter.
std::string did_you_mean(const std::string& typed, const std::vector<std::string>& names);

}  // namespace gan::run
