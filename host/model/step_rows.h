// The rows that a training step works on.
#pragma once
#include "host/model/array.h"

namespace gan::model {

// `count` rows for each part: G's z is [z₁; z₂], D's images are [real; G(z₁); G(z₂)], and with a
// gradient penalty those between the first two parts.  D learns from G(z₁), G from G(z₂).
struct StepRows {
  explicit StepRows(int rows) : count(rows) {}

  int count;
  Rows real{0, count}, fake{count, count}, for_generator{2 * count, count};
  Rows between{3 * count, count};
  Rows seen{0, 2 * count};  // by D's update
};

}  // namespace gan::model
