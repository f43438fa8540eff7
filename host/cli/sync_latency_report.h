// What `gan_cuda bench --hand-overs` prints.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/bench/sync_latency.h"

namespace gan::cli {

// A row for each kind of synchronisation.
std::string table(const bench::SyncLatencyResult& result);

// Metrics that were not measured are null, with the reason.
nlohmann::ordered_json to_json(const bench::SyncLatencyResult& result);

}  // namespace gan::cli
