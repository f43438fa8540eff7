// Zip archives, read by libzip.  Errors are std::runtime_errors that say what is wrong with the
// archive and do not name its file.
#pragma once
#include <zip.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace gan::io {

class ZipArchive {
 public:
  // `otherwise` is the error for a file that is not a zip archive.
  ZipArchive(const std::filesystem::path& path, const std::string& otherwise);

  std::int64_t count() const { return zip_get_num_entries(zip_.get(), 0); }
  std::string name(std::int64_t index) const;  // empty beyond the last
  bool has(const std::string& name) const;

  struct Entry {
    std::uint64_t size;         // in bytes, when unpacked: the archive's claim
    std::uint64_t packed_size;  // in bytes
    int method;                 // ZIP_CM_STORE, ZIP_CM_DEFLATE, …
  };
  Entry entry(const std::string& name) const;

  // Reads an entry from its beginning on.  The archive must outlive it.
  class Reader {
   public:
    Reader(const ZipArchive& archive, const std::string& name);
    void read(std::span<std::byte> bytes);  // all of them, or an error
    void finish();                          // an error unless all is read and the checksum is right

   private:
    [[noreturn]] void fail() const;
    std::string name_;
    std::unique_ptr<zip_file_t, int (*)(zip_file_t*)> file_;
  };

 private:
  std::unique_ptr<zip_t, void (*)(zip_t*)> zip_{nullptr, zip_discard};
};

}  // namespace gan::io
