#include "host/cli/hand_overs_report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gan_version.h"
#include "host/bench/spread.h"

namespace gan::cli {
namespace {

std::string row(const bench::HandOver& hand_over) {
  std::string text = fmt::format("{:<52}", hand_over.what);
  text += hand_over.why_not.empty() ? fmt::format("{:>9.1f} ± {:.1f}", bench::median(hand_over.ns),
                                                  bench::spread(hand_over.ns))
                                    : fmt::format("{:>9} {}", "–", hand_over.why_not);
  const char* separator = "  (";
  for (const auto& [name, count] : hand_over.counts) {
    text += fmt::format("{}{} {}", separator, name, count);
    separator = ", ";
  }
  return text + (hand_over.counts.empty() ? "\n" : ")\n");
}

nlohmann::ordered_json to_json(const bench::HandOver& hand_over) {
  nlohmann::ordered_json json{{"name", hand_over.name},
                              {"ns_median", nullptr},
                              {"ns_spread", nullptr},
                              {"repeats", hand_over.ns.size()}};
  if (hand_over.why_not.empty()) {
    json["ns_median"] = bench::median(hand_over.ns);
    json["ns_spread"] = bench::spread(hand_over.ns);
  } else {
    json["reason"] = hand_over.why_not;
  }
  for (const auto& [name, count] : hand_over.counts) json[name] = count;
  return json;
}

}  // namespace

std::string table(const bench::HandOverResult& result) {
  std::string text = fmt::format("{}, driver for CUDA {}, {} multiprocessors\n", result.device,
                                 result.driver, result.multiprocessors);
  text += fmt::format("{:<52}{:>9}\n", "hand-over", "ns");
  for (const bench::HandOver& hand_over : result.hand_overs) text += row(hand_over);
  return text + "Medians of the repeats ± half the distance of the quartiles.\n";
}

nlohmann::ordered_json to_json(const bench::HandOverResult& result) {
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (const bench::HandOver& hand_over : result.hand_overs) rows.push_back(to_json(hand_over));
  return {{"device", result.device},
          {"driver", result.driver},
          {"multiprocessors", result.multiprocessors},
          {"version", GAN_VERSION},
          {"commit", GAN_COMMIT},
          {"results", rows}};
}

}  // namespace gan::cli
