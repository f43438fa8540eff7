// Code that commands share when several ranks of mpirun carry them out together.
#pragma once
#include <functional>
#include <optional>
#include <span>

#include "host/ranks/ranks.h"

namespace gan::cli {

// When the ranks cannot work together, throws UsageError on rank 0 and returns an exit code on the
// others.  They must end with this code, or mpirun would end rank 0 before it has printed the
// reason.
std::optional<int> code_of_trouble(const ranks::Ranks& ranks);

// Carries out steps in which all ranks take part.  If one fails, reports it once and returns an
// exit code, with which all ranks must end.
std::optional<int> carry_out_on_all(const ranks::Ranks& ranks,
                                    std::span<const std::function<void()>> steps);

// Returns what work() does.  If a step fails on this rank, tells why and ends all ranks.
int with_all_ranks(const ranks::Ranks& ranks, const std::function<int()>& work);

}  // namespace gan::cli
