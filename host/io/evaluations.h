// evaluations.jsonl: how good the generator of a run was while it trained, one JSON object a line.
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "host/base/log_file.h"

namespace gan::io {

// Appends to an evaluations.jsonl as MetricsFile does to a metrics.csv.  Every row has a "step".
class EvaluationsFile {
 public:
  // An empty file, in place of any old one.
  static EvaluationsFile create(const std::filesystem::path& path);

  // Goes on with the file of a run that continues after `last_step`: later rows and an unfinished
  // last row are removed, the others keep their bytes.  A run that was not evaluated before has no
  // such file.  Throws std::runtime_error with the number of the line that is not a row.
  static EvaluationsFile resume(const std::filesystem::path& path, std::int64_t last_step);

  // How many rows of that step a file holds; 0 when there is no file.  Throws likewise.
  static int rows_at(const std::filesystem::path& path, std::int64_t step);

  void append(const nlohmann::ordered_json& row);
  bool restore() { return file_.restore(); }  // see LogFile
  const std::filesystem::path& path() const { return file_.path(); }

 private:
  explicit EvaluationsFile(const std::filesystem::path& path) : file_(path) {}
  base::LogFile file_;
};

}  // namespace gan::io
