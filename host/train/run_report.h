#pragma once
#include <string>

#include "host/io/report/report.h"
#include "host/run/run_folder.h"

namespace gan::train {

// How far a run is, and how it is doing.
struct Standing {
  std::int64_t step;  // steps completed
  io::RunState state;
  std::string failure;  // why it failed
};

// Whether evaluations.jsonl holds every evaluation of that step: of the generator and, if there is
// one, of its moving average.
bool was_evaluated(const run::RunFolder& folder, const run::RunSpec& spec, std::int64_t step);

// Whether nothing is left to do for a run that has carried out all of its steps.  A run that was
// killed after its last checkpoint may lack its last evaluation, losses.png and the report's end.
bool is_finished(const run::RunFolder& folder, const run::RunSpec& spec);

// The warning about a file that somebody removed while the run wrote to it.
std::string removed_text(const std::filesystem::path& file);

// The report.html of a run that trains.  What is in its folder is read once, up to the step at
// which it begins or resumes: a run that was killed later may have left later sheets, which the
// resumed run has not drawn yet.  New rows and sheets are added, so that writing the page does not
// read the folder again.
class RunReport {
 public:
  RunReport(const run::RunFolder& folder, const run::RunSpec& spec, const std::string& device_name,
            std::int64_t step);

  void add(const io::MetricsRow& row);
  void add(const io::ReportSheets& sheets);
  void write(const Standing& standing);
  const std::vector<io::MetricsRow>& rows() const { return report_.rows; }

 private:
  const run::RunFolder& folder_;
  io::Report report_;
};

}  // namespace gan::train
