#include "host/io/metrics.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

#include "host/base/atomic_file.h"

namespace gan::io {
namespace {

constexpr std::string_view kHeader =
    "step,epoch,loss_g,loss_d,loss_real,loss_fake,penalty,d_real,d_fake,images_per_s\n";

// The columns after `step`, in the order of kHeader.
constexpr std::array kColumns = {
    &MetricsRow::epoch,     &MetricsRow::loss_g,    &MetricsRow::loss_d,
    &MetricsRow::loss_real, &MetricsRow::loss_fake, &MetricsRow::penalty,
    &MetricsRow::d_real,    &MetricsRow::d_fake,    &MetricsRow::images_per_s};

// The losses are floats: their shortest text that reads back as the same float. Six decimals tell
// one step of an epoch from the next for any batch size on 60,000 images.
std::string format_row(const MetricsRow& row) {
  std::string line = fmt::format("{},{:.6f}", row.step, row.epoch);
  for (std::size_t i = 1; i < kColumns.size(); ++i) {
    line += fmt::format(",{}", static_cast<float>(row.*kColumns[i]));
  }
  return line + '\n';
}

// The cell off the front of `line`, and the comma or line end after it.
std::string_view take_cell(std::string_view& line) {
  const std::size_t end = line.find_first_of(",\n");
  const std::string_view cell = line.substr(0, end);
  line.remove_prefix(end + 1);
  return cell;
}

// The object of a row, by the names in kHeader.  JSON has no infinite numbers.
std::string format_object(std::string_view row) {
  std::string object = "{";
  for (std::string_view names = kHeader; !names.empty();) {
    const std::string_view name = take_cell(names), cell = take_cell(row);
    const bool finite = cell.find_first_of("ni") == std::string_view::npos;
    object += fmt::format("\"{}\":{}{}", name, finite ? cell : "null", names.empty() ? "}\n" : ",");
  }
  return object;
}

std::filesystem::path objects_path(std::filesystem::path path) {
  return path.replace_extension(".jsonl");
}

// Takes one number off the front of `text`.
template <class Number>
bool take_number(std::string_view& text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  text = {rest, static_cast<std::size_t>(end - rest)};
  return error == std::errc();
}

bool take_comma(std::string_view& text) {
  if (!text.starts_with(',')) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<MetricsRow> parse_row(std::string_view line) {
  MetricsRow row;
  if (!take_number(line, row.step)) return std::nullopt;
  for (const auto column : kColumns) {
    if (!take_comma(line) || !take_number(line, row.*column)) return std::nullopt;
  }
  return line.empty() ? std::optional(row) : std::nullopt;
}

// Calls visit(row, line with its end) for every complete row.
template <class Visit>
void for_each_row(const std::filesystem::path& path, std::string_view text, Visit visit) {
  if (!text.starts_with(kHeader)) {
    throw std::runtime_error(fmt::format("cannot read {}: line 1 is not the header {}",
                                         path.string(), kHeader.substr(0, kHeader.size() - 1)));
  }
  text.remove_prefix(kHeader.size());
  for (int number = 2;; ++number) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return;
    const auto row = parse_row(text.substr(0, end));
    if (!row) {
      throw std::runtime_error(fmt::format("cannot read {}: line {} is not a row of {} numbers",
                                           path.string(), number, 1 + kColumns.size()));
    }
    visit(*row, text.substr(0, end + 1));
    text.remove_prefix(end + 1);
  }
}

}  // namespace

MetricsFile::MetricsFile(const std::filesystem::path& path)
    : rows_(path), objects_(objects_path(path)) {}

MetricsFile MetricsFile::create(const std::filesystem::path& path) {
  base::write_file(objects_path(path), std::string_view());
  base::write_file(path, kHeader);
  return MetricsFile(path);
}

MetricsFile MetricsFile::resume(const std::filesystem::path& path, std::int64_t last_step) {
  std::string kept(kHeader), objects;
  for_each_row(path, base::read_file(path), [&](const MetricsRow& row, std::string_view line) {
    if (row.step > last_step) return;
    kept += line;
    objects += format_object(line);
  });
  base::write_file(path, kept);
  base::write_file(objects_path(path), objects);
  return MetricsFile(path);
}

void MetricsFile::append(const MetricsRow& row) {
  const std::string line = format_row(row);
  rows_.append(line);
  objects_.append(format_object(line));
}

MetricsRow as_written(const MetricsRow& row) {
  const std::string line = format_row(row);
  return parse_row(std::string_view(line).substr(0, line.size() - 1)).value();
}

std::vector<std::filesystem::path> MetricsFile::restore() {
  std::vector<std::filesystem::path> removed;
  for (base::LogFile* const file : {&rows_, &objects_})
    if (file->restore()) removed.push_back(file->path());
  return removed;
}

std::vector<MetricsRow> read_metrics(const std::filesystem::path& path) {
  std::vector<MetricsRow> rows;
  for_each_row(path, base::read_file(path),
               [&](const MetricsRow& row, std::string_view) { rows.push_back(row); });
  return rows;
}

}  // namespace gan::io
