#include "tests/emulation/engine/findings.h"

#include <cstdio>
#include <utility>

#include "tests/emulation/emulation.h"

namespace gan::emulation {
namespace {

constexpr std::size_t kPrinted = 20, kKept = 1000;

std::vector<std::string>& findings() {
  static std::vector<std::string> all;
  return all;
}

}  // namespace

void report(std::string finding) {
  auto& all = findings();
  if (all.size() < kPrinted) std::fprintf(stderr, "emulation: %s\n", finding.c_str());
  if (all.size() < kKept) all.push_back(std::move(finding));
}

std::vector<std::string> take_findings() {
  return std::exchange(findings(), {});
}

}  // namespace gan::emulation
