#include "host/cli/together.h"

#include "host/base/errors.h"
#include "host/cli/messages.h"
#include "host/train/ranked_engine.h"

namespace gan::cli {

std::optional<int> code_of_trouble(const ranks::Ranks& ranks) {
  if (ranks.trouble().empty()) return std::nullopt;
  if (ranks.self().is_first()) throw base::UsageError(ranks.trouble());
  return 0;
}

std::optional<int> carry_out_on_all(const ranks::Ranks& ranks,
                                    std::span<const std::function<void()>> steps) {
  for (const auto& step : steps)
    if (const auto failure = ranks::try_on_all(ranks, step)) {
      if (failure->rank == ranks.self().number) tell(failure->reason);
      ranks.gather("");  // waits: mpirun ends all ranks as soon as one ends with an error
      return failure->code;
    }
  return std::nullopt;
}

int with_all_ranks(const ranks::Ranks& ranks, const std::function<int()>& work) {
  try {
    return work();
  } catch (const train::StepFailed& failure) {
    tell(failure.what());
    ranks.end_all(1);
  }
}

}  // namespace gan::cli
