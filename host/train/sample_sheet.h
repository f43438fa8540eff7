// What the images of a sample sheet are drawn from.
#pragma once
#include <cstdint>
#include <vector>

#include "host/run/run_spec.h"

namespace gan::train {

// The same in every epoch and on every device.
struct SampleSheet {
  static constexpr int kColumns = 8, kRows = 8;

  int count;                          // of images
  std::vector<float> z;               // (count, latent)
  std::vector<std::uint8_t> classes;  // (count), of a conditional run
};

// The sheet of a run.  A conditional run has a row for each class, and one z in each column.
SampleSheet sheet_of(const run::RunSpec& spec);

}  // namespace gan::train
