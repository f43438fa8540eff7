// IDX and gzip bytes made by hand, and a folder to put them into.
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace gan::data {

using Bytes = std::vector<std::uint8_t>;

inline Bytes operator+(Bytes left, const Bytes& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

inline Bytes big_endian(const std::vector<std::uint32_t>& numbers) {
  Bytes bytes;
  for (const std::uint32_t number : numbers) {
    for (const int shift : {24, 16, 8, 0}) {
      bytes.push_back(static_cast<std::uint8_t>(number >> shift));
    }
  }
  return bytes;
}

// `size` bytes that repeat only after 251.
inline Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i % 251);
  return bytes;
}

inline Bytes image_file(std::uint32_t count, std::uint32_t height, std::uint32_t width) {
  return big_endian({2051, count, height, width}) + pattern(std::size_t{count} * height * width);
}

inline Bytes label_file(std::uint32_t count) {
  return big_endian({2049, count}) + pattern(count);
}

inline Bytes gzip(const Bytes& bytes) {
  z_stream zlib{};
  if (deflateInit2(&zlib, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  Bytes packed(deflateBound(&zlib, bytes.size()));
  zlib.next_in = const_cast<Bytef*>(bytes.data());
  zlib.avail_in = static_cast<uInt>(bytes.size());
  zlib.next_out = packed.data();
  zlib.avail_out = static_cast<uInt>(packed.size());
  deflate(&zlib, Z_FINISH);
  packed.resize(zlib.total_out);
  deflateEnd(&zlib);
  return packed;
}

class FolderTest : public testing::Test {
 public:
  FolderTest(const FolderTest&) = delete;
  FolderTest& operator=(const FolderTest&) = delete;
  ~FolderTest() override { std::filesystem::remove_all(folder_); }

 protected:
  FolderTest() {
    std::string name = (std::filesystem::temp_directory_path() / "gan_data_XXXXXX").string();
    if (!mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
    folder_ = name;
  }

  std::filesystem::path write(const std::string& name, const Bytes& bytes) const {
    auto path = folder_ / name;
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    return path;
  }

  std::filesystem::path folder_;
};

// The one line of the error that `action` throws, or "no error".
template <class Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace gan::data
