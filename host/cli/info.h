// What is in a file of weights or in the folder of a run, as JSON and as text.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace gan::cli {

// Keys: file, bytes, sha256, network (widths from the input to the output; null where the tensors
// are no network), parameters, metadata, tensors (name, shape).  Throws std::runtime_error.
nlohmann::ordered_json describe_weights(const std::filesystem::path& path);

// Keys: run, config (of config.json), step, epoch, steps (in all), metrics (the last row of
// metrics.csv, or null), files (name, bytes).  Throws std::runtime_error.
nlohmann::ordered_json describe_run(const std::filesystem::path& folder);

// In a line; what is not UTF-8 in the names of files is replaced.
std::string as_json(const nlohmann::ordered_json& description);

// The same for people, in lines.
std::string as_text(const nlohmann::ordered_json& description);

}  // namespace gan::cli
