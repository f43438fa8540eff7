#include "host/io/zip_writer.h"

#include <fmt/format.h>
#include <zip.h>

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>

namespace gan::io {
namespace {

constexpr std::uint64_t kAlignment = 64;
constexpr std::uint64_t kLocalHeader = 30;         // bytes before a record's name
constexpr std::uint64_t kFieldHeader = 4;          // bytes before an extra field's content
constexpr zip_uint16_t kPaddingField = 0x4246;     // "FB", under which PyTorch pads
constexpr zip_uint16_t kFirstDate = (1 << 5) | 1;  // 1 January of 1980, the year 0

[[noreturn]] void fail(const char* reason) {
  throw std::runtime_error(fmt::format("the zip archive cannot be made: {}", reason));
}

using Source = std::unique_ptr<zip_source_t, void (*)(zip_source_t*)>;
using Archive = std::unique_ptr<zip_t, void (*)(zip_t*)>;

// How many bytes of padding a record needs whose local header begins at `offset`.
std::uint64_t padding_at(std::uint64_t offset, const std::string& name) {
  const std::uint64_t content = offset + kLocalHeader + name.size() + kFieldHeader;
  return (kAlignment - content % kAlignment) % kAlignment;
}

void add(zip_t* archive, const ZipRecord& record, std::uint64_t padding) {
  static constexpr std::array<zip_uint8_t, kAlignment> kZeros{};
  zip_source_t* const source =
      zip_source_buffer(archive, record.bytes.data(), record.bytes.size(), 0);
  if (source == nullptr) fail(zip_strerror(archive));
  const zip_int64_t added = zip_file_add(archive, record.name.c_str(), source, 0);
  if (added < 0) {
    zip_source_free(source);
    fail(zip_strerror(archive));
  }
  const auto index = static_cast<zip_uint64_t>(added);
  if (zip_set_file_compression(archive, index, ZIP_CM_STORE, 0) < 0 ||
      zip_file_set_dostime(archive, index, 0, kFirstDate, 0) < 0 ||
      zip_file_extra_field_set(archive, index, kPaddingField, ZIP_EXTRA_FIELD_NEW, kZeros.data(),
                               static_cast<zip_uint16_t>(padding), ZIP_FL_LOCAL) < 0)
    fail(zip_strerror(archive));
}

std::vector<std::byte> contents(zip_source_t* source) {
  zip_stat_t status;
  zip_stat_init(&status);
  if (zip_source_stat(source, &status) < 0 || zip_source_open(source) < 0)
    fail(zip_error_strerror(zip_source_error(source)));
  std::vector<std::byte> bytes(status.size);
  const zip_int64_t read = zip_source_read(source, bytes.data(), bytes.size());
  zip_source_close(source);
  if (read != static_cast<zip_int64_t>(bytes.size()))
    fail(zip_error_strerror(zip_source_error(source)));
  return bytes;
}

}  // namespace

std::vector<std::byte> zip_of(std::span<const ZipRecord> records) {
  zip_error_t error;
  zip_error_init(&error);
  const Source source(zip_source_buffer_create(nullptr, 0, 0, &error), zip_source_free);
  if (!source) fail(zip_error_strerror(&error));
  zip_source_keep(source.get());  // an archive frees its source when it is closed
  Archive archive(zip_open_from_source(source.get(), ZIP_TRUNCATE, &error), zip_discard);
  if (!archive) {
    zip_source_free(source.get());
    fail(zip_error_strerror(&error));
  }
  std::uint64_t offset = 0;
  for (const ZipRecord& record : records) {
    const std::uint64_t padding = padding_at(offset, record.name);
    add(archive.get(), record, padding);
    offset += kLocalHeader + record.name.size() + kFieldHeader + padding + record.bytes.size();
  }
  if (zip_close(archive.get()) < 0) fail(zip_strerror(archive.get()));
  static_cast<void>(archive.release());
  return contents(source.get());
}

}  // namespace gan::io
