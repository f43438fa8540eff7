#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace gan::data {

// The classes of a data set.
struct Classes {
  std::vector<std::string> names;    // of class 0, 1, …
  std::vector<std::uint8_t> labels;  // the class of each training image
};

}  // namespace gan::data
