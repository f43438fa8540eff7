// What a sweep trains: configurations times seeds, out of a TOML file.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "host/run/run_spec.h"

namespace gan::sweep {

struct Configuration {
  std::string name;                 // of its folder as well
  run::RunSpec spec;                // but for the seed
  std::vector<std::string> groups;  // of `gan_cuda eval` at the end; none: all
};

struct SweepPlan {
  std::vector<Configuration> configurations;
  std::vector<std::uint64_t> seeds;
};

// The file's options are common to all; `seeds` is a list of numbers; every table
// [configuration.NAME] has the options in which that one differs.  A list in place of a value makes
// a configuration of each of its values, and several lists of all combinations: NAME_batch=64,
// NAME_batch=128.  Unless the file says otherwise, every run is evaluated ten times by its
// log-likelihood (eval-every), and at the end by all metrics (eval-measures).  Throws UsageError
// in one line that names the file, the line and the key.
SweepPlan read_sweep(const std::filesystem::path& path);

}  // namespace gan::sweep
