#include "host/io/zip_writer.h"

#include <gtest/gtest.h>

#include "host/base/atomic_file.h"
#include "host/io/zip_archive.h"
#include "tests/io/support.h"

namespace gan::io {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

TEST(ZipWriter, StoresRecordsThatAreReadAgain) {
  const std::string first = "hello", second(100'000, 'x'), empty;
  const std::vector<ZipRecord> records = {
      {"a", bytes_of(first)}, {"folder/b", bytes_of(second)}, {"c", bytes_of(empty)}};
  base::TemporaryFolder folder;
  base::write_file(folder / "a.zip", zip_of(records));
  const ZipArchive archive(folder / "a.zip", "no zip");
  ASSERT_EQ(archive.count(), 3);
  for (const ZipRecord& record : records) {
    ASSERT_EQ(archive.entry(record.name).method, ZIP_CM_STORE);
    std::vector<std::byte> bytes(archive.entry(record.name).size);
    ZipArchive::Reader reader(archive, record.name);
    reader.read(bytes);
    reader.finish();
    EXPECT_TRUE(std::ranges::equal(bytes, record.bytes)) << record.name;
  }
}

TEST(ZipWriter, AlignsTheContents) {
  const std::string marks[] = {"<first>", "<second>", "<third>"};
  const std::vector<ZipRecord> records = {
      {"a", bytes_of(marks[0])}, {"a longer name", bytes_of(marks[1])}, {"c", bytes_of(marks[2])}};
  const std::vector<std::byte> archive = zip_of(records);
  const std::string_view text(reinterpret_cast<const char*>(archive.data()), archive.size());
  for (const std::string& mark : marks) {
    ASSERT_NE(text.find(mark), std::string_view::npos);
    EXPECT_EQ(text.find(mark) % 64, 0U) << mark;
  }
}

TEST(ZipWriter, GivesEqualBytesForEqualRecords) {
  const std::string text = "hello";
  const std::vector<ZipRecord> records = {{"a", bytes_of(text)}};
  EXPECT_EQ(zip_of(records), zip_of(records));
}

TEST(ZipWriter, RefusesTwoRecordsOfOneName) {
  const std::string text = "hello";
  const std::vector<ZipRecord> records = {{"a", bytes_of(text)}, {"a", bytes_of(text)}};
  EXPECT_THROW(zip_of(records), std::runtime_error);
}

}  // namespace
}  // namespace gan::io
