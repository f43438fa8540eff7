// What a launcher of ranks (mpirun, srun) leaves in the environment.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace gan::ranks {

struct Launched {
  int number, count;
};

// Which of how many processes this one is; none when no launcher started it, or started it alone.
// A batch script of Slurm runs outside of srun and is none.
std::optional<Launched> launched();

// The environment as "NAME=value", less what launchers set: a program that is started with it is
// no rank.
std::vector<std::string> environment_without_launcher();

// The GPU of the local rank `local`, as CUDA_VISIBLE_DEVICES takes it: ranks take turns over the
// `count` GPUs that are visible now.  `visible` is CUDA_VISIBLE_DEVICES, which may be null.
std::string gpu_of(int local, int count, const char* visible);

// The share of the rank at `place` among `sharing` ranks that may use the same cores; at least 1.
int cores_of(int place, int sharing, int cores);

}  // namespace gan::ranks
