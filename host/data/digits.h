#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "host/data/idx.h"
#include "host/data/split.h"

namespace gan::data {

// The program's own digits: strokes in a random hand, drawn to 28×28 as MNIST's are (a 20×20 box,
// centred by mass, soft edges). Digit i of a split depends on the split and on i alone, so they are
// the same on every machine and for any number of threads. Of ten in a row each class occurs once.
Images draw_digits(Split split, std::size_t count, unsigned threads);
std::vector<std::uint8_t> digit_labels(Split split, std::size_t count);

}  // namespace gan::data
