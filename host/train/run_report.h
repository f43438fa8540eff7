#pragma once
#include <string>

#include "host/io/report.h"
#include "host/train/run_folder.h"

namespace gan {

// How a run stands.
struct Standing {
  std::int64_t step;  // steps completed
  RunState state;
  std::string failure;  // why it failed
};

// Writes report.html from what is in the folder of the run, up to its step: a run that was killed
// later may have left sheets of a future that it does not have yet.
void write_report(const RunFolder& folder, const RunSpec& spec, const std::string& device_name,
                  const Standing& standing);

}  // namespace gan
