// How many threads can run at once.
#pragma once
#include <filesystem>
#include <optional>

namespace gan {

// Returns how many processors this program may use: those of its affinity (taskset), but no more
// than its control groups give it time for (containers, systemd's CPUQuota).  At least 1.
int available_cores();

// Returns how many processors the control groups of a process give it time for, rounded up; none if
// they set no limit.  `groups` is its /proc/self/cgroup.  `mount` is where the groups are mounted:
// those of version 2, or those of version 1 in a folder "cpu".
std::optional<int> cores_of_groups(const std::filesystem::path& groups,
                                   const std::filesystem::path& mount);

}  // namespace gan
