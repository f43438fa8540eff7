#include "host/run/nearest_name.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <string_view>
#include <utility>

namespace gan::run {
namespace {

constexpr std::size_t kNear = 2, kLongestTyped = 64, kStrange = 100;

// The least number of letters to insert, delete or replace that turns a into b (Wagner and Fischer,
// "The string-to-string correction problem", 1974).
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

// The form in which names are compared: --Batch_Size becomes batch-size.
std::string plain(const std::string& name) {
  std::string text = name.substr(std::min(name.find_first_not_of('-'), name.size()));
  for (char& c : text)
    c = c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

// Names in other programs, and ours.
constexpr std::pair<std::string_view, std::string_view> kElsewhere[] = {
    {"b", "batch"},
    {"bs", "batch"},
    {"e", "epochs"},
    {"iterations", "max-steps"},
    {"steps", "max-steps"},
    {"nz", "latent"},
    {"z-dim", "latent"},
    {"learning-rate", "lr"},
    {"label-smoothing", "real-label"},
    {"d", "data"},
    {"dataset", "data"},
    {"gpu", "device"},
    {"workers", "threads"},
    {"num-workers", "threads"},
    {"output", "out"},
    {"output-dir", "out"},
    {"o", "out"},
    {"n", "count"},
    {"s", "seed"}};

bool is_elsewhere(const std::string& typed, const std::string& name) {
  return std::ranges::find(kElsewhere, std::pair<std::string_view, std::string_view>(
                                           typed, name)) != std::end(kElsewhere);
}

// Whether "batch" is a whole word of "batch-size".
bool is_word_of(const std::string& typed, const std::string& name) {
  return ("-" + typed + "-").find("-" + name + "-") != std::string::npos;
}

// How far a name is from the typed one.  The name with the smallest value was probably meant.
std::size_t strangeness(const std::string& typed, const std::string& name) {
  const std::size_t letters = distance(typed, name);
  if (letters == 0 || is_elsewhere(typed, name)) return 0;
  if (letters <= std::min(kNear, typed.size() / 2)) return letters;
  if (is_word_of(typed, name)) return kNear + 1;
  if (name.starts_with(typed)) return kNear + 2;
  return kStrange;
}

}  // namespace

std::string did_you_mean(const std::string& typed, const std::vector<std::string>& names) {
  const std::string meant = plain(typed);
  if (meant.empty() || meant.size() > kLongestTyped || names.empty()) return "";
  const auto strange = [&](const std::string& name) { return strangeness(meant, plain(name)); };
  const auto nearest = std::ranges::min_element(names, {}, strange);
  return strange(*nearest) < kStrange ? "; did you mean " + *nearest + "?" : "";
}

}  // namespace gan::run
