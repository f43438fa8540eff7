#include "kernels/cpu/cores.h"

#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>
#include <thread>

namespace gan {
namespace {

namespace fs = std::filesystem;

// Returns how many processors a group may use: `quota` microseconds in every `period` microseconds;
// none if it has no limit.
std::optional<double> share(double quota, double period) {
  if (!(quota > 0) || !(period > 0)) return std::nullopt;
  return quota / period;
}

// Reads the share of a group from its files: cpu.max (version 2), or cpu.cfs_* (version 1).
std::optional<double> share_of(const fs::path& group) {
  double quota = 0, period = 0;
  if (std::ifstream file(group / "cpu.max"); file >> quota >> period) return share(quota, period);
  std::ifstream quota_file(group / "cpu.cfs_quota_us"), period_file(group / "cpu.cfs_period_us");
  if (quota_file >> quota && period_file >> period) return share(quota, period);
  return std::nullopt;
}

// Returns the smallest share of a group and of all groups above it.
std::optional<double> least_share(const fs::path& mount, const fs::path& group) {
  std::optional<double> least = share_of(mount);
  fs::path path = mount;
  for (const fs::path& part : group.relative_path()) {
    path /= part;
    if (const auto here = share_of(path); here && (!least || *here < *least)) least = here;
  }
  return least;
}

}  // namespace

std::optional<int> cores_of_groups(const fs::path& groups, const fs::path& mount) {
  std::optional<double> least;
  std::ifstream file(groups);
  // "<number>:<controllers>:<group>"; version 2 leaves the controllers empty.
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const bool is_second = controllers == ",,";
    if (!is_second && controllers.find(",cpu,") == std::string::npos) continue;
    const auto found = least_share(is_second ? mount : mount / "cpu", line.substr(second + 1));
    if (found && (!least || *found < *least)) least = found;
  }
  if (!least) return std::nullopt;
  constexpr double kMost = 1 << 20;
  return std::max(1, static_cast<int>(std::ceil(std::min(*least, kMost))));
}

int available_cores() {
  int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
    cores = std::clamp(CPU_COUNT(&allowed), 1, cores);
  return std::min(cores, cores_of_groups("/proc/self/cgroup", "/sys/fs/cgroup").value_or(cores));
}

}  // namespace gan
