// A finding left behind makes its test fail.  Run by a ctest test of its own, which must fail.
#include <gtest/gtest.h>

#include "tests/emulation/engine/findings.h"

namespace gan::emulation {
namespace {

TEST(Listener, DISABLED_FailsATestThatLeavesAFinding) {
  report("a finding that no test asked for");
}

}  // namespace
}  // namespace gan::emulation
