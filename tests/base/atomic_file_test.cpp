#include "host/base/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "tests/base/support.h"

namespace gan::base {
namespace {

TEST(AtomicFile, AppearsOnlyWithCommit) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "a");
  file.write("new ");
  file.write("text");
  EXPECT_FALSE(std::filesystem::exists(folder / "a"));
  file.commit();
  EXPECT_EQ(read_file(folder / "a"), "new text");
  EXPECT_EQ(folder.count_files(), 1);
}

TEST(AtomicFile, ReplacesAnOldFile) {
  const TemporaryFolder folder;
  write_file(folder / "a", "a long old text");
  write_file(folder / "a", "new");
  EXPECT_EQ(read_file(folder / "a"), "new");
  EXPECT_EQ(folder.count_files(), 1);
}

TEST(AtomicFile, WithoutCommitLeavesNothing) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  {
    AtomicFile file(folder / "a");
    file.write("new");
  }
  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_EQ(folder.count_files(), 1);
}

TEST(AtomicFile, TwoWritersDoNotMix) {
  const TemporaryFolder folder;
  AtomicFile first(folder / "a"), second(folder / "a");
  first.write("first");
  second.write("second");
  second.commit();
  EXPECT_EQ(read_file(folder / "a"), "second");
  first.commit();
  EXPECT_EQ(read_file(folder / "a"), "first");
}

TEST(AtomicFile, GivesTheUsualPermissions) {
  const TemporaryFolder folder;
  const mode_t old_mask = ::umask(022);
  write_file(folder / "a", "text");
  ::umask(old_mask);
  struct stat status = {};
  ASSERT_EQ(::stat((folder / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0644U);
}

TEST(AtomicFile, WritesIntoTheCurrentFolder) {
  const TemporaryFolder folder;
  const auto old_folder = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  EXPECT_NO_THROW(write_file("a", "text"));
  std::filesystem::current_path(old_folder);
  EXPECT_EQ(read_file(folder / "a"), "text");
}

TEST(AtomicFile, NamesTheTargetWhenTheFolderIsMissing) {
  const TemporaryFolder folder;
  const auto target = folder / "none" / "a.png";
  expect_error([&] { write_file(target, "text"); },
               "cannot write " + target.string() + ": No such file or directory");
}

TEST(AtomicFile, AFullDiskKeepsTheOldFile) {
  const TemporaryFolder folder;
  write_file(folder / "a", "old");
  {
    const FileSizeLimit full(1000);
    expect_error([&] { write_file(folder / "a", std::string(5000, 'x')); },
                 "cannot write " + (folder / "a").string() + ": File too large");
  }
  EXPECT_EQ(read_file(folder / "a"), "old");
  EXPECT_EQ(folder.count_files(), 1);
}

// A pipe of its own stands for every device: this test must not be able to harm a real one.
TEST(AtomicFile, RefusesToReplaceWhatIsNoRegularFile) {
  const TemporaryFolder folder;
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect_error([&] { write_file(folder / "pipe", "text"); },
               "cannot write " + (folder / "pipe").string(), "not a regular file");
  EXPECT_TRUE(std::filesystem::is_fifo(folder / "pipe"));
  expect_error([&] { write_file(folder.path(), "text"); }, "not a regular file");
}

TEST(AtomicFile, WithoutPermissionNamesTheTarget) {
  const TemporaryFolder folder;
  ASSERT_EQ(::chmod(folder.path().c_str(), 0555), 0);
  constexpr uid_t nobody = 65534;  // root may write anywhere
  const bool was_root = ::geteuid() == 0;
  if (was_root && ::seteuid(nobody) != 0) GTEST_SKIP() << "cannot stop being root";
  expect_error([&] { write_file(folder / "a", "text"); },
               "cannot write " + (folder / "a").string() + ": Permission denied");
  ASSERT_EQ(::seteuid(was_root ? 0 : ::getuid()), 0);
}

}  // namespace
}  // namespace gan::base
