// What `gan_cuda bench --hand-overs` prints.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "host/bench/hand_overs.h"

namespace gan::cli {

// A row for each kind of hand-over.
std::string table(const bench::HandOverResult& result);

// Figures that were not measured are null, with the reason.
nlohmann::ordered_json to_json(const bench::HandOverResult& result);

}  // namespace gan::cli
