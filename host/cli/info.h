// Descriptions of a file of weights or of a run's folder, as JSON and as text.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace gan::cli {

// Keys: file, bytes, sha256, network (widths from the input to the output; null when the tensors
// are not one network), parameters, metadata, tensors (name, shape).  Throws std::runtime_error.
nlohmann::ordered_json describe_weights(const std::filesystem::path& path);

// Keys: run, config (from config.json), step, epoch, steps (the total), metrics (the last row of
// metrics.csv, or null), files (name, bytes).  Throws std::runtime_error.
nlohmann::ordered_json describe_run(const std::filesystem::path& folder);

// The description on one line.  Bytes in file names that are not UTF-8 are replaced.
std::string as_json(const nlohmann::ordered_json& description);

// The description as lines for people to read.
std::string as_text(const nlohmann::ordered_json& description);

}  // namespace gan::cli
