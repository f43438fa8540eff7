#pragma once
#include <stdexcept>
#include <string>

namespace gan::base {

// The user asked for something impossible.  what() is one line that names the option and the
// reason.
class UsageError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void require(bool possible, const std::string& message) {
  if (!possible) throw UsageError(message);
}

}  // namespace gan::base
