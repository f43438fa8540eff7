#pragma once

#include <zlib.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>

namespace gan::data {

// The bytes of a file from its beginning to its end, unpacked when it is gzip (RFC 1952; told by
// its first bytes, not by its name). Errors are std::runtime_errors that name the file.  Not by
// zlib's gzread(), which takes foreign bytes after the gzip data for its end and says nothing.
class UnpackedFile {
 public:
  explicit UnpackedFile(const std::filesystem::path& path);
  ~UnpackedFile();
  UnpackedFile(const UnpackedFile&) = delete;
  UnpackedFile& operator=(const UnpackedFile&) = delete;

  bool packed() const { return packing_ != Packing::none; }

  // Fills `bytes` and returns their number, which is less than asked for only where the file ends.
  std::size_t read(std::span<std::uint8_t> bytes);

 private:
  enum class Packing { none, gzip };

  std::size_t read_raw(std::span<std::uint8_t> bytes);
  bool refill();  // false where the file ends
  std::size_t inflate_into(std::span<std::uint8_t> bytes);
  void inflate_some();

  std::filesystem::path path_;
  std::ifstream file_;
  Packing packing_ = Packing::none;
  z_stream zlib_{};
  bool between_members_ = true;  // gzip: no member is begun, so the file may end here
  bool any_member_ = false;      // gzip: one has been read to its end
  std::array<std::uint8_t, 65536> input_;
};

}  // namespace gan::data
