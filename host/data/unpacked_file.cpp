#include "host/data/unpacked_file.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

namespace gan::data {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw std::runtime_error(path.string() + ": " + what);
}

}  // namespace

UnpackedFile::UnpackedFile(const std::filesystem::path& path) : path_(path) {
  if (std::filesystem::is_directory(path)) fail(path, "is a folder, not a file");
  file_.open(path, std::ios::binary);
  if (!file_) fail(path, "cannot be opened: " + std::generic_category().message(errno));

  constexpr int gzip_magic[] = {0x1f, 0x8b};
  if (file_.get() == gzip_magic[0] && file_.get() == gzip_magic[1]) packing_ = Packing::gzip;
  file_.clear();
  file_.seekg(0);
  constexpr int gzip_only = 16;  // zlib adds 16 to the window's bits for "a gzip header, no other"
  if (packing_ == Packing::gzip && inflateInit2(&zlib_, MAX_WBITS + gzip_only) != Z_OK) {
    throw std::bad_alloc();
  }
}

UnpackedFile::~UnpackedFile() {
  if (packing_ == Packing::gzip) inflateEnd(&zlib_);
}

std::size_t UnpackedFile::read(std::span<std::uint8_t> bytes) {
  return packing_ == Packing::gzip ? inflate_into(bytes) : read_raw(bytes);
}

std::size_t UnpackedFile::read_raw(std::span<std::uint8_t> bytes) {
  file_.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (file_.bad()) fail(path_, "cannot be read: " + std::generic_category().message(errno));
  return static_cast<std::size_t>(file_.gcount());
}

bool UnpackedFile::refill() {
  if (zlib_.avail_in == 0) {
    zlib_.next_in = input_.data();
    zlib_.avail_in = static_cast<uInt>(read_raw(input_));
  }
  return zlib_.avail_in > 0;
}

std::size_t UnpackedFile::inflate_into(std::span<std::uint8_t> bytes) {
  std::size_t done = 0;
  while (done < bytes.size()) {
    if (!refill()) {
      if (!between_members_) fail(path_, "its gzip data ends early; the file is incomplete");
      break;
    }
    const std::size_t room = std::min(bytes.size() - done, input_.size());
    zlib_.next_out = bytes.data() + done;
    zlib_.avail_out = static_cast<uInt>(room);
    inflate_some();
    done += room - zlib_.avail_out;
  }
  return done;
}

void UnpackedFile::inflate_some() {
  const bool begins = between_members_;
  between_members_ = false;
  const int status = inflate(&zlib_, Z_NO_FLUSH);
  if (status == Z_STREAM_END) {
    inflateReset(&zlib_);  // a gzip file may be several, one after the other
    between_members_ = any_member_ = true;
  } else if (status != Z_OK && begins && any_member_) {
    fail(path_, "has other bytes after its gzip data");
  } else if (status != Z_OK) {
    fail(path_, "its gzip data is damaged" + (zlib_.msg ? ": " + std::string(zlib_.msg) : ""));
  }
}

}  // namespace gan::data
