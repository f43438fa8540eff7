#include "host/io/zip_archive.h"

#include <fmt/format.h>

#include <stdexcept>

#include "host/base/printable.h"

namespace gan::io {
namespace {

std::string reason(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

}  // namespace

ZipArchive::ZipArchive(const std::filesystem::path& path, const std::string& otherwise) {
  int code = 0;
  zip_.reset(zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, &code));
  if (!zip_) throw std::runtime_error(code == ZIP_ER_NOZIP ? otherwise : reason(code));
}

std::string ZipArchive::name(std::int64_t index) const {
  const char* const name =
      zip_get_name(zip_.get(), static_cast<zip_uint64_t>(index), ZIP_FL_ENC_RAW);
  return name == nullptr ? "" : name;
}

bool ZipArchive::has(const std::string& name) const {
  return zip_name_locate(zip_.get(), name.c_str(), ZIP_FL_ENC_RAW) >= 0;
}

ZipArchive::Entry ZipArchive::entry(const std::string& name) const {
  zip_stat_t status;
  if (zip_stat(zip_.get(), name.c_str(), ZIP_FL_ENC_RAW, &status) < 0)
    throw std::runtime_error(fmt::format("{} is missing in it", base::printable(name)));
  constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
  if ((status.valid & kNeeded) != kNeeded)
    throw std::runtime_error(fmt::format("{} in it is damaged", base::printable(name)));
  return {status.size, status.comp_size, status.comp_method};
}

ZipArchive::Reader::Reader(const ZipArchive& archive, const std::string& name)
    : name_(name), file_(zip_fopen(archive.zip_.get(), name.c_str(), ZIP_FL_ENC_RAW), zip_fclose) {
  if (!file_) fail();
}

void ZipArchive::Reader::read(std::span<std::byte> bytes) {
  if (zip_fread(file_.get(), bytes.data(), bytes.size()) != static_cast<zip_int64_t>(bytes.size()))
    fail();
}

void ZipArchive::Reader::finish() {
  std::byte beyond;  // asking for one more makes libzip look at the checksum
  if (zip_fread(file_.get(), &beyond, 1) != 0) fail();
}

void ZipArchive::Reader::fail() const {
  throw std::runtime_error(fmt::format("{} in it is damaged", base::printable(name_)));
}

}  // namespace gan::io
