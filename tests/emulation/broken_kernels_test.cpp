// Every broken kernel is found, by what it is and on which lines, whatever the order.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/emulation/broken_kernels.h"
#include "tests/emulation/device_array.h"
#include "tests/emulation/emulation.h"

namespace gan::emulation {
namespace {

// "broken_races.cu:12" for the line of a source file beside this one that ends in "// @tag".
std::string line_with(const std::string& tag) {
  for (const char* file : {"broken_races.cu", "broken_kernels.cu"}) {
    std::ifstream source(std::filesystem::path(__FILE__).replace_filename(file));
    std::string line;
    for (int number = 1; std::getline(source, line); ++number)
      if (line.ends_with("// " + tag)) return std::string(file) + ":" + std::to_string(number);
  }
  return "no line is marked " + tag;
}

// Replaces the "@tag" in a part of a finding.
std::string resolved(const std::string& part) {
  const std::size_t begin = part.find('@');
  return begin == std::string::npos ? part : part.substr(0, begin) + line_with(part.substr(begin));
}

class BrokenKernels : public testing::TestWithParam<BrokenKernel> {
 protected:
  std::vector<std::string> findings() {
    const std::vector<float> values(kBrokenSize, 1.0f);
    const DeviceArray<float> x(values), y(values), unwritten(kBrokenSize);
    const DeviceArray<unsigned> flags(std::vector<unsigned>(kBrokenSize, 0u));
    std::vector<float> host = values;
    GetParam().launch({x.get(), y.get(), unwritten.get(), host.data(), flags.get()});
    return take_findings();
  }
  void TearDown() override { set_schedule(before_); }

 private:
  Schedule before_ = schedule();
};

TEST_P(BrokenKernels, AreFoundWithTheirLines) {
  for (const Order order : {Order::forward, Order::reverse, Order::random}) {
    set_schedule({order, 7});
    const std::vector<std::string> found = findings();
    const bool is_named = std::any_of(found.begin(), found.end(), [](const std::string& finding) {
      const auto& parts = GetParam().finding;
      return std::all_of(parts.begin(), parts.end(), [&](const std::string& part) {
        return finding.find(resolved(part)) != std::string::npos;
      });
    });
    EXPECT_TRUE(is_named) << "among " << found.size() << " findings, such as\n"
                          << (found.empty() ? "" : found.front());
  }
}

const auto name_of = [](const auto& test) { return std::string(test.param.name); };
INSTANTIATE_TEST_SUITE_P(Races, BrokenKernels, testing::ValuesIn(broken_races()), name_of);
INSTANTIATE_TEST_SUITE_P(Accesses, BrokenKernels, testing::ValuesIn(broken_accesses()), name_of);

}  // namespace
}  // namespace gan::emulation
