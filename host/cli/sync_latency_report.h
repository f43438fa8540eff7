// The output of `gan_cuda bench --hand-overs`.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/bench/sync_latency.h"

namespace gan::cli {

// A table with a row for each kind of synchronisation.
std::string table(const bench::SyncLatencyResult& result);

// A latency that was not measured is null, with the reason.
nlohmann::ordered_json to_json(const bench::SyncLatencyResult& result);

}  // namespace gan::cli
