// What the commands share that several ranks of mpirun carry out together.
#pragma once
#include <functional>
#include <optional>
#include <span>

#include "host/ranks/ranks.h"

namespace gan::cli {

// Throws UsageError on rank 0 when the ranks cannot work together.  The other ranks must end with
// the code that it returns, or mpirun would end rank 0 before it has told why.
std::optional<int> code_of_trouble(const ranks::Ranks& ranks);

// Carries out steps that all ranks must call.  If one fails, that is told once, and all ranks must
// end with the code that it returns.
std::optional<int> carry_out_on_all(const ranks::Ranks& ranks,
                                    std::span<const std::function<void()>> steps);

}  // namespace gan::cli
