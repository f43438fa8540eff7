// Makes a test fail that leaves findings behind: part of every emulated test program.
#include <gtest/gtest.h>

#include "tests/emulation/emulation.h"

namespace gan::emulation {
namespace {

class FindingsFail : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo&) override {
    for (const std::string& finding : take_findings()) ADD_FAILURE() << finding;
  }
};

[[maybe_unused]] const bool registered = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new FindingsFail);
  return true;
}();

}  // namespace
}  // namespace gan::emulation
