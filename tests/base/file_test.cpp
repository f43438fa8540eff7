#include "host/base/file.h"
#include "host/base/log_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <fstream>
#include <utility>

#include "tests/base/support.h"

namespace gan::base {
namespace {

TEST(File, ReadsWhatIsThere) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << std::string("one\0two", 7);
  EXPECT_EQ(read_file(folder / "a"), std::string("one\0two", 7));
  std::ofstream(folder / "empty").flush();
  EXPECT_EQ(read_file(folder / "empty"), "");
}

TEST(File, RefusesWhatIsNoRegularFile) {
  const TemporaryFolder folder;
  expect_error([&] { read_file(folder / "none"); }, "cannot read " + (folder / "none").string(),
               "No such file or directory");
  expect_error([&] { read_file(folder.path()); }, folder.path().string(), "not a regular file");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  expect_error([&] { read_file(folder / "pipe"); }, "pipe", "not a regular file");
  expect_error([&] { File::open_to_append(folder / "none"); }, "cannot write", "none");
}

TEST(File, ReportsAnEarlyEnd) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << "four";
  File file = File::open_to_read(folder / "a");
  std::array<std::byte, 5> bytes{};
  expect_error([&] { file.read(bytes); }, (folder / "a").string(), "ends too early");
}

TEST(File, AppendsAndMoves) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << "one";
  File first = File::open_to_append(folder / "a");
  first.write("two");
  File second = std::move(first);
  second.write("three");
  EXPECT_EQ(read_file(folder / "a"), "onetwothree");
}

TEST(LogFile, IsWrittenAnewWhenItWasRemovedOrReplaced) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << "one\n";
  LogFile log(folder / "a");
  log.append("two\n");
  EXPECT_FALSE(log.restore());
  std::filesystem::remove(folder / "a");
  log.append("three\n");
  EXPECT_TRUE(log.restore());
  EXPECT_EQ(read_file(folder / "a"), "one\ntwo\nthree\n");
  std::filesystem::remove(folder / "a");
  std::ofstream(folder / "a") << "another's\n";
  EXPECT_TRUE(log.restore());
  EXPECT_FALSE(log.restore());
  log.append("four\n");
  EXPECT_EQ(read_file(folder / "a"), "one\ntwo\nthree\nfour\n");
}

TEST(File, AppendsAllOrNothing) {
  const TemporaryFolder folder;
  std::ofstream(folder / "a") << "one\n";
  File file = File::open_to_append(folder / "a");
  {
    const FileSizeLimit full(1000);
    file.append("two\n");
    expect_error([&] { file.append(std::string(5000, 'x')); },
                 "cannot write " + (folder / "a").string() + ": File too large");
  }
  EXPECT_EQ(read_file(folder / "a"), "one\ntwo\n");
  file.append("three\n");
  EXPECT_EQ(read_file(folder / "a"), "one\ntwo\nthree\n");
}

}  // namespace
}  // namespace gan::base
