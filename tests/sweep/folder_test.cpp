#include <gmock/gmock.h>

#include "host/base/folder.h"
#include "host/sweep/claim.h"
#include "host/sweep/sweep.h"
#include "tests/base/support.h"

namespace gan::sweep {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Claim, BelongsToOneAndTellsTheNextHowTheRunEnded) {
  const base::TemporaryFolder folder;
  const auto path = folder / "run.lock";
  auto claim = Claim::take(path);
  ASSERT_TRUE(claim);
  EXPECT_FALSE(Claim::take(path));
  EXPECT_EQ(outcome_in(path), "");
  claim->set_outcome("finished");
  claim.reset();
  EXPECT_TRUE(Claim::take(path));
  EXPECT_EQ(outcome_in(path), "finished");
  forget_outcome(path);
  EXPECT_EQ(outcome_in(path), "");
}

TEST(FolderOfRanks, IsSharedWithRanksAndWithNobodyElse) {
  const base::TemporaryFolder folder;
  EXPECT_FALSE(base::is_held(folder.path()));
  base::FolderLock first(folder.path());
  EXPECT_TRUE(base::is_held(folder.path()));
  EXPECT_ANY_THROW(base::FolderLock::join(folder.path()));
  first.share();
  const auto second = base::FolderLock::join(folder.path());
  EXPECT_THAT([&] { base::FolderLock third(folder.path()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("is in use")));
}

// As on a machine that has another folder there, or a file system that does not lock.
TEST(FolderOfRanks, IsRefusedWhereTheFirstRankIsNotSeen) {
  const base::TemporaryFolder folder;
  const SweepPlan plan;
  Sweep sweep(plan, folder.path(), {1, 2});
  sweep.enter(0);
  EXPECT_THAT([&] { sweep.enter(1); }, ThrowsMessage<std::runtime_error>(HasSubstr("rank 1")));
}

}  // namespace
}  // namespace gan::sweep
