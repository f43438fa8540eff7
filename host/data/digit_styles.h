#pragma once

#include <span>
#include <vector>

#include "host/data/pen.h"

namespace gan::data {

// One way to write a digit, in a box of height 100 and width about 70; `weight` is how often it is
// chosen among the digit's styles.
struct DigitStyle {
  unsigned weight;
  std::vector<Stroke> strokes;
};

// The styles of digit 0…9.
std::span<const DigitStyle> digit_styles(int digit);

}  // namespace gan::data
