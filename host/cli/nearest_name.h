// What somebody who mistyped a name may have meant.
#pragma once
#include <string>
#include <vector>

namespace gan {

// "; did you mean lr-g?" if one of the names is at most two letters away, else nothing.
std::string did_you_mean(const std::string& typed, const std::vector<std::string>& names);

}  // namespace gan
