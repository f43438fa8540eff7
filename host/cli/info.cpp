#include "host/cli/info.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "host/base/file.h"
#include "host/base/json_text.h"
#include "host/base/printable.h"
#include "host/base/sha256.h"
#include "host/eval/network_file.h"
#include "host/io/built_in_models.h"
#include "host/io/weights.h"
#include "host/run/run_folder.h"

namespace gan::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// The widths of the file's network; null if the file has no network, or several.
Json widths_of(std::vector<io::StateDict> states) {
  try {
    const model::NetworkShape shape = eval::network_of(std::move(states), std::nullopt).shape;
    Json widths{shape.inputs()};
    for (const model::Layer& layer : shape.layers) widths.push_back(layer.out);
    return widths;
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

// The last row of metrics.csv: each column's name, with the number as in the file.
Json last_metrics(const fs::path& path) {
  if (!fs::exists(path)) return nullptr;
  std::istringstream lines(base::read_file(path));
  std::string head, last;
  std::getline(lines, head);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) last = line;
  const std::vector<std::string> names = split(head), values = split(last);
  if (values.empty() || names.size() != values.size()) return nullptr;
  Json row = Json::object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    Json value = base::parse_json_or_null<Json>(values[i]);
    row[names[i]] = value.is_number() ? value : Json(values[i]);
  }
  return row;
}

Json files_in(const fs::path& folder) {
  std::vector<std::pair<std::string, std::uintmax_t>> files;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files.emplace_back(entry.path().lexically_relative(folder).string(), entry.file_size());
  std::ranges::sort(files);
  Json list = Json::array();
  for (const auto& [name, bytes] : files) list.push_back({{"name", name}, {"bytes", bytes}});
  return list;
}

std::string plain(const Json& value) {
  return value.is_string() ? value.get<std::string>()
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string dimensions(const Json& numbers, const char* between) {
  return fmt::format("{}", fmt::join(numbers.get<std::vector<std::int64_t>>(), between));
}

std::string line(const std::string& name, const std::string& value) {
  return fmt::format("{:<28} {}\n", base::one_line(name), base::one_line(value));
}

std::string text_of_weights(const Json& weights) {
  std::string text = base::one_line(plain(weights["file"])) + "\n";
  text += line("bytes", plain(weights["bytes"]));
  text += line("sha256", plain(weights["sha256"]));
  if (!weights["network"].is_null()) text += line("network", dimensions(weights["network"], "-"));
  text += line("parameters", plain(weights["parameters"]));
  for (const auto& [key, value] : weights["metadata"].items())
    text += line("metadata " + base::printable(key), base::printable(plain(value)));
  for (const Json& tensor : weights["tensors"])
    text +=
        line("tensor " + base::printable(plain(tensor["name"])), dimensions(tensor["shape"], "×"));
  return text;
}

std::string text_of_run(const Json& run) {
  std::string text = base::one_line(plain(run["run"])) + "\n";
  text += line("progress", fmt::format("step {} of {}, epoch {}", plain(run["step"]),
                                       plain(run["steps"]), plain(run["epoch"])));
  for (const auto& [key, value] : run["config"].items())
    if (!value.is_object()) text += line(key, plain(value));
  const Json options = run["config"].value("run", Json::object());
  for (const auto& [key, value] : options.items()) text += line("--" + key, plain(value));
  if (!run["metrics"].is_null())
    for (const auto& [key, value] : run["metrics"].items())
      text += line("last " + key, plain(value));
  for (const Json& file : run["files"])
    text += line(plain(file["name"]), plain(file["bytes"]) + " bytes");
  return text;
}

}  // namespace

Json describe_weights(const fs::path& path) {
  std::vector<io::StateDict> states = io::load_state_dicts(path);
  std::size_t parameters = 0;
  Json tensors = Json::array();
  for (const io::StateDict& state : states)
    for (const io::Tensor& tensor : state.file.tensors) {
      parameters += tensor.values.size();
      const std::string name = state.key.empty() ? tensor.name : state.key + "." + tensor.name;
      tensors.push_back({{"name", name}, {"shape", tensor.shape}});
    }
  const std::map<std::string, std::string> metadata = states.front().file.metadata;
  const io::BuiltInModel* const model = io::built_in_model(path);
  return {{"file", path.string()},
          {"bytes", model ? model->bytes.size() : fs::file_size(path)},
          {"sha256", model ? base::sha256_of(model->bytes) : base::sha256_of(path)},
          {"network", widths_of(std::move(states))},
          {"parameters", parameters},
          {"metadata", metadata},
          {"tensors", std::move(tensors)}};
}

Json describe_run(const fs::path& path) {
  const run::RunFolder folder = run::RunFolder::at(path);
  const run::Checkpoint checkpoint = run::load_checkpoint(folder.checkpoint());
  const Json config = run::load_config(folder);
  return {{"run", path.string()},
          {"config", config},
          {"step", checkpoint.step},
          {"epoch", checkpoint.step / checkpoint.spec.steps_per_epoch()},
          {"steps", checkpoint.spec.total_steps()},
          {"metrics", last_metrics(folder.metrics())},
          {"files", files_in(path)}};
}

std::string as_json(const Json& description) {
  return description.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string as_text(const Json& description) {
  return description.contains("run") ? text_of_run(description) : text_of_weights(description);
}

}  // namespace gan::cli
