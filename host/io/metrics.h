// metrics.csv: the losses of a run, one row per report; and the same rows as metrics.jsonl, JSON
// Lines.
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "host/base/log_file.h"

namespace gan::io {

struct MetricsRow {
  std::int64_t step = 0;          // steps completed
  double epoch = 0;               // epochs completed, with fraction
  double loss_g = 0, loss_d = 0;  // loss_d = loss_real + loss_fake + penalty
  double loss_real = 0, loss_fake = 0;
  double penalty = 0;             // on D's slopes
  double d_real = 0, d_fake = 0;  // mean probabilities D(x) and D(G(z))
  double images_per_s = 0;
};

// Appends to a metrics.csv and to the .jsonl beside it. Every row is handed to the system at once,
// so a killed program loses at most the end of the row it was writing. Errors are
// std::runtime_error and name the file.
class MetricsFile {
 public:
  // Empty tables, in place of any old ones.
  static MetricsFile create(const std::filesystem::path& path);

  // Goes on with the table of a run that continues after `last_step`: later rows and an unfinished
  // last row are removed, the others keep their bytes. The .jsonl is made again from them.
  static MetricsFile resume(const std::filesystem::path& path, std::int64_t last_step);

  void append(const MetricsRow& row);

  // Writes again what was removed meanwhile, and tells which files that were.
  std::vector<std::filesystem::path> restore();

 private:
  explicit MetricsFile(const std::filesystem::path& path);
  base::LogFile rows_, objects_;
};

// The row as it reads back from the file, where losses are floats.
MetricsRow as_written(const MetricsRow& row);

// All complete rows; an unfinished last one (without a line end) is left out. Throws on anything
// else, with the number of the line.
std::vector<MetricsRow> read_metrics(const std::filesystem::path& path);

}  // namespace gan::io
