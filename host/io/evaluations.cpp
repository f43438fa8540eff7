#include "host/io/evaluations.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "host/io/atomic_file.h"
#include "host/io/json_text.h"

namespace gan {
namespace {

using nlohmann::ordered_json;

std::int64_t step_of(const std::filesystem::path& path, std::string_view line, int number) {
  const auto row = parse_json_or_null<ordered_json>(line);
  if (!row.is_object() || !row.contains("step") || !row["step"].is_number_integer())
    throw std::runtime_error(fmt::format("cannot read {}: line {} is not an object with a \"step\"",
                                         path.string(), number));
  return row["step"].get<std::int64_t>();
}

}  // namespace

EvaluationsFile EvaluationsFile::create(const std::filesystem::path& path) {
  write_file(path, std::string_view());
  return EvaluationsFile(File::open_to_append(path));
}

EvaluationsFile EvaluationsFile::resume(const std::filesystem::path& path, std::int64_t last_step) {
  if (!std::filesystem::exists(path)) return create(path);
  const std::string text = read_file(path);
  std::string kept;
  std::size_t begin = 0;
  int number = 1;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string_view line = std::string_view(text).substr(begin, end + 1 - begin);
    if (step_of(path, line, number++) <= last_step) kept += line;
  }
  write_file(path, kept);
  return EvaluationsFile(File::open_to_append(path));
}

void EvaluationsFile::append(const ordered_json& row) {
  file_.append(row.dump() + "\n");
}

}  // namespace gan
