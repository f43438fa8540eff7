#include "host/cli/sync_latency_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gan_version.h"
#include "host/bench/spread.h"

namespace gan::cli {
namespace {

std::string row(const bench::SyncLatency& latency) {
  std::string text = fmt::format("{:<52}", latency.what);
  text += latency.why_not.empty() ? fmt::format("{:>9.1f} ± {:.1f}", bench::median(latency.ns),
                                                bench::spread(latency.ns))
                                  : fmt::format("{:>9} {}", "–", latency.why_not);
  const char* separator = "  (";
  for (const auto& [name, count] : latency.counts) {
    text += fmt::format("{}{} {}", separator, name, count);
    separator = ", ";
  }
  return text + (latency.counts.empty() ? "\n" : ")\n");
}

nlohmann::ordered_json to_json(const bench::SyncLatency& latency) {
  nlohmann::ordered_json json{{"name", latency.name},
                              {"ns_median", nullptr},
                              {"ns_spread", nullptr},
                              {"repeats", latency.ns.size()}};
  if (latency.why_not.empty()) {
    json["ns_median"] = bench::median(latency.ns);
    json["ns_spread"] = bench::spread(latency.ns);
  } else {
    json["reason"] = latency.why_not;
  }
  for (const auto& [name, count] : latency.counts) json[name] = count;
  return json;
}

}  // namespace

std::string table(const bench::SyncLatencyResult& result) {
  std::string text = fmt::format("{}, driver for CUDA {}, {} multiprocessors\n", result.device,
                                 result.driver, result.multiprocessors);
  text += fmt::format("{:<52}{:>9}\n", "hand-over", "ns");
  for (const bench::SyncLatency& latency : result.latencies) text += row(latency);
  return text + "Medians of the repeats ± half the distance of the quartiles.\n";
}

nlohmann::ordered_json to_json(const bench::SyncLatencyResult& result) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const bench::SyncLatency& latency : result.latencies) rows.push_back(to_json(latency));
  return {{"device", result.device},
          {"driver", result.driver},
          {"multiprocessors", result.multiprocessors},
          {"version", GAN_VERSION},
          {"commit", GAN_COMMIT},
          {"results", rows}};
}

}  // namespace gan::cli
