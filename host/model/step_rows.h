// The rows that a training step works on.
#pragma once
#include "host/model/array.h"

namespace gan::model {

// `count` rows for each part: G's z is [z₁; z₂], D's images are [real; G(z₁); G(z₂)], and with a
// gradient penalty those between the first two parts.  D learns from G(z₁), G from G(z₂), or from
// G(z₁) as well where the networks are updated at once.
struct StepRows {
  explicit StepRows(int rows, bool at_once = false)
      : count(rows), for_generator{at_once ? rows : 2 * rows, rows} {}

  int count;
  int shard = 0, first = 0;  // of a batch in shards: which one, and the place of its first row
  Rows for_generator;
  Rows real{0, count}, fake{count, count};
  Rows between{3 * count, count};
  Rows seen{0, 2 * count};  // by D's update
};

}  // namespace gan::model
