#include "host/ranks/launcher.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <sstream>
#include <string_view>

namespace gan::ranks {
namespace {

struct Names {
  const char *number, *count;
};
// Of Open MPI, of MPICH and its kin, and of a step of Slurm.
constexpr Names kLaunchers[] = {{"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
                                {"PMI_RANK", "PMI_SIZE"},
                                {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS"}};
constexpr std::string_view kPrefixes[] = {"OMPI_", "PMI_", "PMI2_", "PMIX_", "PRTE_", "SLURM_"};

std::optional<int> number_in(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  const std::string_view text = value;
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<Launched> launched() {
  for (const Names& names : kLaunchers) {
    const auto number = number_in(names.number), count = number_in(names.count);
    if (number && count && *count > 1) return Launched{*number, *count};
  }
  return std::nullopt;
}

std::vector<std::string> environment_without_launcher() {
  std::vector<std::string> kept;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (std::ranges::none_of(kPrefixes, [&](auto prefix) { return text.starts_with(prefix); }))
      kept.emplace_back(text);
  }
  return kept;
}

std::string gpu_of(int local, int count, const char* visible) {
  const int number = local % std::max(1, count);
  if (visible == nullptr || *visible == '\0') return std::to_string(number);
  std::istringstream list(visible);
  std::string name;
  for (int i = 0; i <= number; ++i) std::getline(list, name, ',');
  return name;
}

int cores_of(int place, int sharing, int cores) {
  return std::max(1, cores / sharing + (place < cores % sharing ? 1 : 0));
}

}  // namespace gan::ranks
