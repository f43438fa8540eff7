#include "host/ranks/launcher.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "host/ranks/ranks.h"

namespace gan::ranks {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Not;

// The environment of these tests, which may themselves run under a launcher.
class LauncherTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMI_SIZE",
                             "SLURM_PROCID", "SLURM_NTASKS", "SLURM_STEP_NUM_TASKS"})
      unsetenv(name);
  }
  static void set(const char* name, const char* value) { setenv(name, value, 1); }
};

TEST_F(LauncherTest, KnowsMpirunAndSrun) {
  EXPECT_FALSE(launched());
  set("SLURM_PROCID", "0");
  set("SLURM_NTASKS", "4");  // so it is in a batch script as well
  EXPECT_FALSE(launched());
  set("SLURM_STEP_NUM_TASKS", "4");
  ASSERT_TRUE(launched());
  EXPECT_EQ(launched()->count, 4);
  set("OMPI_COMM_WORLD_RANK", "2");
  set("OMPI_COMM_WORLD_SIZE", "3");
  EXPECT_EQ(launched()->number, 2);
  EXPECT_EQ(launched()->count, 3);
}

TEST_F(LauncherTest, OneProcessIsNoneAndNorIsNonsense) {
  set("PMI_RANK", "0");
  set("PMI_SIZE", "1");
  EXPECT_FALSE(launched());
  set("PMI_SIZE", "2x");
  EXPECT_FALSE(launched());
}

TEST_F(LauncherTest, NothingOfItReachesOtherPrograms) {
  set("PMIX_RANK", "1");
  set("SLURM_PROCID", "1");
  set("GAN_OF_THE_USER", "1");
  EXPECT_THAT(environment_without_launcher(),
              AllOf(Contains("GAN_OF_THE_USER=1"), Not(Contains("PMIX_RANK=1")),
                    Not(Contains("SLURM_PROCID=1"))));
}

TEST_F(LauncherTest, AProcessWithoutALauncherIsAlone) {
  const Ranks ranks;
  EXPECT_TRUE(ranks.self().is_alone() && ranks.self().is_first());
  EXPECT_EQ(ranks.trouble(), "");
  EXPECT_THAT(ranks.gather("text"), testing::ElementsAre("text"));
}

TEST(GpuOfRank, TakesTurnsOverWhatIsVisible) {
  EXPECT_EQ(gpu_of(2, 4, nullptr), "2");
  EXPECT_EQ(gpu_of(5, 4, nullptr), "1");
  EXPECT_EQ(gpu_of(1, 2, "3,GPU-8932f937"), "GPU-8932f937");
  EXPECT_EQ(gpu_of(3, 1, "7"), "7");  // the launcher gave every rank a GPU of its own
}

TEST(CoresOfRank, ShareAllOfThem) {
  EXPECT_EQ(cores_of(0, 1, 8), 8);
  EXPECT_EQ(cores_of(0, 3, 8) + cores_of(1, 3, 8) + cores_of(2, 3, 8), 8);
  EXPECT_EQ(cores_of(2, 3, 2), 1);
}

}  // namespace
}  // namespace gan::ranks
