// The header of NumPy's format of arrays (numpy.lib.format): a Python dictionary as text.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "host/io/value_type.h"

namespace gan::io {

struct NpyHeader {
  ValueType type;
  std::vector<std::int64_t> shape;
  std::uint64_t count;  // of values: the product of the shape

  std::uint64_t bytes() const;  // of the values; does not overflow
};

// Trusts nothing in the text, of the kind
//   {'descr': '<f4', 'fortran_order': False, 'shape': (10, 784), }
// Throws std::runtime_error in one line for what is no such dictionary, and for arrays of other
// types or in another order.
NpyHeader parse_npy_header(std::string_view text);

}  // namespace gan::io
