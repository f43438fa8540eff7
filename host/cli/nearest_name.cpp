#include "host/cli/nearest_name.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace gan {
namespace {

constexpr std::size_t kNear = 2, kLongest = 64;

// Letters to insert, delete or replace between two words (Wagner and Fischer, "The string-to-string
// correction problem", 1974).
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

}  // namespace

std::string did_you_mean(const std::string& typed, const std::vector<std::string>& names) {
  if (typed.size() > kLongest || names.empty()) return "";
  const auto nearest = std::ranges::min_element(
      names, {}, [&](const std::string& name) { return distance(typed, name); });
  return distance(typed, *nearest) <= kNear ? "; did you mean " + *nearest + "?" : "";
}

}  // namespace gan
