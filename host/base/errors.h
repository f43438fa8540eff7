#pragma once
#include <stdexcept>

namespace gan::base {

// The user asked for something impossible.  what() is one line that names the option and the
// reason.
class UsageError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace gan::base
