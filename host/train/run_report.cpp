#include "host/train/run_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "host/base/atomic_file.h"
#include "host/io/evaluations.h"

namespace gan::train {
namespace {

namespace fs = std::filesystem;

std::vector<io::ReportSheets> find_sheets(const run::RunFolder& folder, std::int64_t last_epoch) {
  std::vector<io::ReportSheets> sheets;
  for (const auto& file :
       fs::directory_iterator(folder.samples(0, run::GeneratorWeights::trained).parent_path())) {
    const std::int64_t epoch = folder.epoch_of_sheet(file.path());
    if (epoch <= 0 || epoch > last_epoch || !file.is_regular_file() ||
        file.path() != folder.samples(epoch, run::GeneratorWeights::trained))
      continue;
    const fs::path average = folder.samples(epoch, run::GeneratorWeights::average);
    sheets.push_back({static_cast<double>(epoch), file.path(),
                      fs::is_regular_file(average) ? average : fs::path()});
  }
  std::ranges::sort(sheets, {}, &io::ReportSheets::epoch);
  return sheets;
}

// Leaves out sheets that somebody removed during the run.
void forget_removed(std::vector<io::ReportSheets>& sheets) {
  std::erase_if(sheets,
                [](const io::ReportSheets& sheet) { return !fs::is_regular_file(sheet.trained); });
  for (io::ReportSheets& sheet : sheets)
    if (!fs::is_regular_file(sheet.average)) sheet.average.clear();
}

}  // namespace

bool was_evaluated(const run::RunFolder& folder, const run::RunSpec& spec, std::int64_t step) {
  return io::EvaluationsFile::rows_at(folder.evaluations(), step) >= (spec.ema > 0 ? 2 : 1);
}

bool is_finished(const run::RunFolder& folder, const run::RunSpec& spec) {
  const std::int64_t last = spec.total_steps();
  // One checkpoint too many: the run was killed before the very last thing it does.
  if (std::ssize(folder.older_checkpoints()) >= spec.keep_checkpoints ||
      !fs::is_regular_file(folder.report()) || !fs::is_regular_file(folder.losses_png()) ||
      !io::says_finished(base::read_file(folder.report()), last))
    return false;
  return spec.eval_every == 0 || was_evaluated(folder, spec, last);
}

std::string removed_text(const fs::path& file) {
  return file.string() + " was removed during the run; it is written again with all its rows";
}

RunReport::RunReport(const run::RunFolder& folder, const run::RunSpec& spec,
                     const std::string& device_name, std::int64_t step)
    : folder_(folder) {
  report_.config = run::config_json(spec, device_name).dump();
  report_.total_steps = spec.total_steps();
  report_.rows = io::read_metrics(folder.metrics());
  report_.sheets = find_sheets(folder, step / spec.steps_per_epoch());
}

void RunReport::add(const io::MetricsRow& row) {
  report_.rows.push_back(io::as_written(row));
}

void RunReport::add(const io::ReportSheets& sheets) {
  report_.sheets.push_back(sheets);
}

void RunReport::write(const Standing& standing) {
  report_.state = standing.state;
  report_.failure = standing.failure;
  report_.step = standing.step;
  report_.is_explored =
      standing.state == io::RunState::finished && fs::is_regular_file(folder_.explore());
  forget_removed(report_.sheets);
  report_.evaluations =
      fs::exists(folder_.evaluations()) ? base::read_file(folder_.evaluations()) : "";
  base::write_file(folder_.report(), io::report_page(report_));
}

}  // namespace gan::train
