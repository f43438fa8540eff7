// What a run of a sweep needs next, as a program to start.
#pragma once
#include <filesystem>

#include "host/sweep/sweep.h"

namespace gan::sweep {

bool is_on_cpu(const SweepRun& run);

// Whether only its evaluation is left.
bool is_trained(const SweepRun& run);

// Where a run's evaluation is written, until it is complete.
std::filesystem::path evaluated(const SweepRun& run);

// Carries out the stage of a run that this rank has claimed; `configuration` is its file.
Command command_of(const SweepRun& run, const ranks::Rank& rank,
                   const std::filesystem::path& configuration);

}  // namespace gan::sweep
