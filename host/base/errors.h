#pragma once
#include <stdexcept>

namespace gan::base {

// A wish that cannot be met.  what() is one line that names the option and says why.
class UsageError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace gan::base
