#include "host/io/evaluations.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "host/base/atomic_file.h"
#include "host/base/json_text.h"

namespace gan::io {
namespace {

using nlohmann::ordered_json;

std::int64_t step_of(const std::filesystem::path& path, std::string_view line, int number) {
  const auto row = base::parse_json_or_null<ordered_json>(line);
  if (!row.is_object() || !row.contains("step") || !row["step"].is_number_integer())
    throw std::runtime_error(fmt::format("cannot read {}: line {} is not an object with a \"step\"",
                                         path.string(), number));
  return row["step"].get<std::int64_t>();
}

// Calls visit(step, line with its end) for every complete row.
template <class Visit>
void for_each_row(const std::filesystem::path& path, std::string_view text, Visit visit) {
  int number = 1;
  for (std::size_t end; (end = text.find('\n')) != std::string_view::npos;) {
    const std::string_view line = text.substr(0, end + 1);
    visit(step_of(path, line, number++), line);
    text.remove_prefix(end + 1);
  }
}

}  // namespace

EvaluationsFile EvaluationsFile::create(const std::filesystem::path& path) {
  base::write_file(path, std::string_view());
  return EvaluationsFile(path);
}

EvaluationsFile EvaluationsFile::resume(const std::filesystem::path& path, std::int64_t last_step) {
  if (!std::filesystem::exists(path)) return create(path);
  std::string kept;
  for_each_row(path, base::read_file(path), [&](std::int64_t step, std::string_view line) {
    if (step <= last_step) kept += line;
  });
  base::write_file(path, kept);
  return EvaluationsFile(path);
}

int EvaluationsFile::rows_at(const std::filesystem::path& path, std::int64_t step) {
  if (!std::filesystem::exists(path)) return 0;
  int rows = 0;
  for_each_row(path, base::read_file(path),
               [&](std::int64_t at, std::string_view) { rows += at == step ? 1 : 0; });
  return rows;
}

void EvaluationsFile::append(const ordered_json& row) {
  file_.append(row.dump() + "\n");
}

}  // namespace gan::io
