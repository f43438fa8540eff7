#include "host/io/tensorboard/event_file.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <fstream>
#include <set>

#include "host/base/atomic_file.h"
#include "tests/io/support.h"

namespace gan::io {
namespace {

const EventFile::Keep kAll = [](std::int64_t, const std::string&) { return true; };

std::vector<std::filesystem::path> files_in(const base::TemporaryFolder& folder) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
    files.insert(entry.path());
  return {files.begin(), files.end()};
}

void write_scalars(const base::TemporaryFolder& folder, const EventFile::Keep& keep,
                   std::initializer_list<std::int64_t> steps) {
  EventFile file(folder.path(), keep);
  for (const std::int64_t step : steps)
    file.scalars(step, std::array{Scalar{"loss", 0.5}, Scalar{"other", 2}});
}

// As a part of a run that goes on, and keeps all.
void begin_another(const base::TemporaryFolder& folder) {
  const EventFile file(folder.path(), kAll);
}

// RFC 3720 B.4 has the CRC-32C of 32 zeros, 8a9136aa; masked it is ((c >> 15) | (c << 17)) +
// a282ead8.
TEST(EventRecord, HasTheMaskedChecksums) {
  const std::string record = event_record(std::string(32, '\0'));
  ASSERT_EQ(record.size(), 8U + 4 + 32 + 4);
  EXPECT_EQ(record.substr(0, 8), std::string("\x20\0\0\0\0\0\0\0", 8));
  const std::uint32_t crc = 0x8a9136aa;
  const std::uint32_t masked = ((crc >> 15) | (crc << 17)) + 0xa282ead8;
  std::uint32_t written = 0;
  std::memcpy(&written, record.data() + 44, sizeof(written));
  EXPECT_EQ(written, masked);
}

TEST(EventFile, BeginsWithItsVersion) {
  const base::TemporaryFolder folder;
  begin_another(folder);
  ASSERT_EQ(files_in(folder).size(), 1U);
  EXPECT_NE(base::read_file(files_in(folder)[0]).find("brain.Event:2"), std::string::npos);
}

TEST(EventFile, WritesAtOnceAndGoesOnInAFileOfItsOwn) {
  const base::TemporaryFolder folder;
  write_scalars(folder, kAll, {100, 200});
  const std::string before = base::read_file(files_in(folder)[0]);
  write_scalars(folder, kAll, {300});
  ASSERT_EQ(files_in(folder).size(), 2U);
  EXPECT_EQ(base::read_file(files_in(folder)[0]), before);
}

TEST(EventFile, DropsWhatIsNotToBeKept) {
  const base::TemporaryFolder folder, shorter;
  write_scalars(folder, kAll, {100, 200, 300});
  write_scalars(shorter, kAll, {100, 200});
  const auto path = files_in(folder)[0];
  std::vector<std::pair<std::int64_t, std::string>> asked;
  const EventFile file(folder.path(), [&](std::int64_t step, const std::string& tag) {
    asked.emplace_back(step, tag);
    return step <= 200;
  });
  EXPECT_EQ(asked, (std::vector<std::pair<std::int64_t, std::string>>{
                       {100, "loss"}, {200, "loss"}, {300, "loss"}}));
  EXPECT_EQ(base::read_file(path).size(), base::read_file(files_in(shorter)[0]).size());
}

TEST(EventFile, DropsATornEnd) {
  const base::TemporaryFolder folder;
  write_scalars(folder, kAll, {100});
  const auto path = files_in(folder)[0];
  const std::string one = base::read_file(path);
  const std::string record = event_record("");
  for (std::size_t cut = 1; cut < record.size(); ++cut) {
    base::write_file(path, one + record.substr(0, cut));
    begin_another(folder);
    EXPECT_EQ(base::read_file(path), one) << cut;
  }
  std::string flipped = one;
  flipped[one.size() - 6] ^= 1;  // in the data of the last record
  base::write_file(path, flipped);
  begin_another(folder);
  EXPECT_LT(base::read_file(path).size(), one.size());
}

}  // namespace
}  // namespace gan::io
