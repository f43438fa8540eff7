#include "host/train/run_report.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "host/io/atomic_file.h"

namespace gan {
namespace {

namespace fs = std::filesystem;

// Of a name as RunFolder::samples gives it to the trained generator's sheet; 0: it is none.
std::int64_t epoch_of(const RunFolder& folder, const fs::path& sheet) {
  const std::string name = sheet.stem().string();
  const std::size_t digits = std::min(name.find_first_of("0123456789"), name.size());
  std::int64_t epoch = 0;
  std::from_chars(name.data() + digits, name.data() + name.size(), epoch);
  return sheet == folder.samples(epoch, GeneratorWeights::trained) ? epoch : 0;
}

std::vector<ReportSheets> find_sheets(const RunFolder& folder, std::int64_t last_epoch) {
  std::vector<ReportSheets> sheets;
  for (const auto& file :
       fs::directory_iterator(folder.samples(0, GeneratorWeights::trained).parent_path())) {
    const std::int64_t epoch = epoch_of(folder, file.path());
    if (epoch <= 0 || epoch > last_epoch || !file.is_regular_file()) continue;
    const fs::path average = folder.samples(epoch, GeneratorWeights::average);
    sheets.push_back({static_cast<double>(epoch), file.path(),
                      fs::is_regular_file(average) ? average : fs::path()});
  }
  std::ranges::sort(sheets, {}, &ReportSheets::epoch);
  return sheets;
}

}  // namespace

RunReport::RunReport(const RunFolder& folder, const RunSpec& spec, const std::string& device_name,
                     std::int64_t step)
    : folder_(folder) {
  report_.config = config_json(spec, device_name).dump();
  report_.total_steps = spec.total_steps();
  report_.rows = read_metrics(folder.metrics());
  report_.sheets = find_sheets(folder, step / spec.steps_per_epoch());
}

void RunReport::add(const MetricsRow& row) {
  report_.rows.push_back(as_written(row));
}

void RunReport::add(const ReportSheets& sheets) {
  report_.sheets.push_back(sheets);
}

void RunReport::write(const Standing& standing) {
  report_.state = standing.state;
  report_.failure = standing.failure;
  report_.step = standing.step;
  report_.evaluations = fs::exists(folder_.evaluations()) ? read_file(folder_.evaluations()) : "";
  write_file(folder_.report(), report_page(report_));
}

void write_report(const RunFolder& folder, const RunSpec& spec, const std::string& device_name,
                  const Standing& standing) {
  RunReport(folder, spec, device_name, standing.step).write(standing);
}

}  // namespace gan
