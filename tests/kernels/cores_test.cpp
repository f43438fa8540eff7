#include "kernels/cpu/cores.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <fstream>
#include <thread>

namespace gan {
namespace {

namespace fs = std::filesystem;

class Cores : public testing::Test {
 protected:
  Cores() { fs::remove_all(mount_); }
  ~Cores() override { fs::remove_all(mount_); }

  void write(const fs::path& path, const std::string& text) const {
    fs::create_directories((mount_ / path).parent_path());
    std::ofstream(mount_ / path) << text;
  }
  std::optional<int> cores() const { return cores_of_groups(mount_ / "groups", mount_); }

  fs::path mount_ = fs::temp_directory_path() / ("gan_cores_" + std::to_string(::getpid()));
};

TEST_F(Cores, AreThoseOfTheAffinity) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof(before), &before), 0);
  const int all = available_cores();
  EXPECT_GE(all, 1);
  CPU_ZERO(&one);
  for (int cpu = 0; CPU_COUNT(&one) == 0; ++cpu)
    if (CPU_ISSET(cpu, &before)) CPU_SET(cpu, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(available_cores(), 1);
  ASSERT_EQ(sched_setaffinity(0, sizeof(before), &before), 0);
  EXPECT_EQ(available_cores(), all);
}

TEST_F(Cores, AreTheLeastOfAllGroups) {
  EXPECT_EQ(cores(), std::nullopt);
  write("groups", "0::/a/b\n");
  EXPECT_EQ(cores(), std::nullopt);
  write("a/b/cpu.max", "max 100000\n");
  EXPECT_EQ(cores(), std::nullopt);
  write("a/cpu.max", "250000 100000\n");
  EXPECT_EQ(cores(), 3);
  write("a/b/cpu.max", "20000 100000\n");
  EXPECT_EQ(cores(), 1);
  write("a/b/cpu.max", "400000 100000\n");
  EXPECT_EQ(cores(), 3);
  write("cpu.max", "200000 100000\n");
  EXPECT_EQ(cores(), 2);
}

TEST_F(Cores, AreThoseOfTheFirstVersionToo) {
  write("groups", "5:memory:/m\n4:cpu,cpuacct:/c\nnonsense\n");
  write("m/cpu.max", "100000 100000\n");
  write("cpu/c/cpu.cfs_quota_us", "-1\n");
  write("cpu/c/cpu.cfs_period_us", "100000\n");
  EXPECT_EQ(cores(), std::nullopt);
  write("cpu/c/cpu.cfs_quota_us", "200000\n");
  EXPECT_EQ(cores(), 2);
}

}  // namespace
}  // namespace gan
