// How many threads can run at once.
#pragma once
#include <filesystem>
#include <optional>

namespace gan {

// The processors that this program may use: those of its affinity (taskset), but no more than its
// control groups give it time for (containers, systemd's CPUQuota).  At least 1.
int available_cores();

// The processors that the control groups of a process give it time for, rounded up; none: no limit.
// `groups` is its /proc/self/cgroup, `mount` where the groups are mounted: of version 2, or of
// version 1 with a folder "cpu".
std::optional<int> cores_of_groups(const std::filesystem::path& groups,
                                   const std::filesystem::path& mount);

}  // namespace gan
