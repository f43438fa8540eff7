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

// The report.html of a run that trains.  What is in its folder is read once, up to the step at
// which it begins or resumes: a run that was killed later may have left sheets of a future that it
// does not have yet.  What comes later is added, so that to write the page costs the same after any
// number of epochs.
class RunReport {
 public:
  RunReport(const RunFolder& folder, const RunSpec& spec, const std::string& device_name,
            std::int64_t step);

  void add(const MetricsRow& row);
  void add(const ReportSheets& sheets);
  void write(const Standing& standing);

 private:
  const RunFolder& folder_;
  Report report_;
};

// Writes the page from what is in the folder, up to the step.
void write_report(const RunFolder& folder, const RunSpec& spec, const std::string& device_name,
                  const Standing& standing);

}  // namespace gan
