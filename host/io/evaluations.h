// evaluations.jsonl: how good the generator of a run was while it trained, one JSON object a line.
#pragma once
#include <cstdint>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>

#include "host/io/file.h"

namespace gan {

// Appends to an evaluations.jsonl as MetricsFile does to a metrics.csv.  Every row has a "step".
class EvaluationsFile {
 public:
  // An empty file, in place of any old one.
  static EvaluationsFile create(const std::filesystem::path& path);

  // Goes on with the file of a run that continues after `last_step`: later rows and an unfinished
  // last row are removed, the others keep their bytes.  A run that was not judged before has no
  // such file.  Throws std::runtime_error with the number of the line that is no row.
  static EvaluationsFile resume(const std::filesystem::path& path, std::int64_t last_step);

  void append(const nlohmann::ordered_json& row);

 private:
  explicit EvaluationsFile(File file) : file_(std::move(file)) {}
  File file_;
};

}  // namespace gan
