#include "host/data/idx.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>

#include "host/data/unpacked_file.h"

namespace gan::data {
namespace {

constexpr std::uint32_t kImageMagic = 2051, kLabelMagic = 2049;

class IdxFile {
 public:
  explicit IdxFile(const std::filesystem::path& path) : path_(path), file_(path) {}

  ImageShape image_header() {
    const auto [magic, count, height, width] = header<4>("image");
    check_magic(magic, kImageMagic, "images");
    check_sizes(std::array{count, height, width});
    return {static_cast<int>(count), static_cast<int>(height), static_cast<int>(width)};
  }

  std::size_t label_header() {
    const auto [magic, count] = header<2>("label");
    check_magic(magic, kLabelMagic, "labels");
    check_sizes(std::array{count});
    return count;
  }

  // The file's `size` remaining bytes. What is asked for at a time is at most as much again as has
  // been read, so a header alone cannot claim memory.
  std::vector<std::uint8_t> payload(std::size_t size) {
    constexpr std::size_t first_piece = 1 << 20;
    std::vector<std::uint8_t> bytes;
    while (bytes.size() < size) {
      const std::size_t begin = bytes.size();
      require_likely(begin, size);
      bytes.resize(std::min(size, std::max(2 * begin, first_piece)));
      const std::size_t got = file_.read(std::span(bytes).subspan(begin));
      if (got < bytes.size() - begin) {
        fail("ends after " + std::to_string(begin + got) + " of the " + std::to_string(size) +
             " bytes that its header promises");
      }
    }
    std::uint8_t extra;
    if (file_.read(std::span(&extra, 1)) > 0) {
      fail("continues after the " + std::to_string(size) + " bytes that its header promises");
    }
    return bytes;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(path_.string() + ": " + what);
  }

  // Deflate packs a thousandfold what is all alike: two megabytes may be two gigabytes of nothing.
  void require_likely(std::size_t read, std::size_t promised) const {
    constexpr std::uint64_t unsuspicious = 1 << 26, most_packed = 200;  // MNIST is packed fivefold
    if (!file_.packed() || read < unsuspicious) return;
    const std::uint64_t packed = std::filesystem::file_size(path_);
    if (promised / most_packed > packed)
      fail("its header promises " + std::to_string(promised) + " bytes, but the file has only " +
           std::to_string(packed) + "; it is damaged or not meant for this");
  }

  // The first N big-endian numbers of the file.
  template <std::size_t N>
  std::array<std::uint32_t, N> header(const std::string& kind) {
    std::array<std::uint8_t, 4 * N> bytes;
    const std::size_t got = file_.read(bytes);
    if (got == 0) fail("is empty");
    if (got < bytes.size()) fail("is too short for an IDX " + kind + " file");
    std::array<std::uint32_t, N> numbers{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      numbers[i / 4] = numbers[i / 4] << 8 | bytes[i];
    }
    return numbers;
  }

  void check_magic(std::uint32_t found, std::uint32_t wanted, const std::string& what) const {
    if (found == wanted) return;
    fail("is not an IDX file of " + what + " (its magic number is " + std::to_string(found) +
         ", not " + std::to_string(wanted) + ")");
  }

  void check_sizes(std::span<const std::uint32_t> sizes) const {
    std::uint64_t product = 1;
    for (const std::uint32_t size : sizes) {
      if (size == 0) fail("its header gives a size of 0");
      product *= size;
      if (product > std::numeric_limits<std::int32_t>::max()) {
        fail("its header promises more than 2^31 values; it is damaged or not meant for this");
      }
    }
  }

  std::filesystem::path path_;
  UnpackedFile file_;
};

}  // namespace

Images read_idx_images(const std::filesystem::path& path) {
  IdxFile file(path);
  const auto [count, height, width] = file.image_header();
  const auto size = static_cast<std::size_t>(count) * height * width;
  return {count, height, width, file.payload(size)};
}

std::vector<std::uint8_t> read_idx_labels(const std::filesystem::path& path) {
  IdxFile file(path);
  return file.payload(file.label_header());
}

ImageShape read_idx_image_shape(const std::filesystem::path& path) {
  return IdxFile(path).image_header();
}

}  // namespace gan::data
