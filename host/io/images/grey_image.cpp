#include "host/io/images/grey_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <stdexcept>
#include <vector>

#include "host/base/file.h"
#include "host/io/images/decoders.h"

namespace gan::io {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 30;  // of a file

// How every such file begins: PNG (RFC 2083, 3.1) and JPEG (ITU-T T.81, B.2.1: SOI and a marker).
constexpr std::array kPng = {std::byte{0x89}, std::byte{'P'},  std::byte{'N'},  std::byte{'G'},
                             std::byte{0x0d}, std::byte{0x0a}, std::byte{0x1a}, std::byte{0x0a}};
constexpr std::array kJpeg = {std::byte{0xff}, std::byte{0xd8}, std::byte{0xff}};

bool begins_with(std::span<const std::byte> bytes, std::span<const std::byte> beginning) {
  return bytes.size() >= beginning.size() &&
         std::ranges::equal(bytes.first(beginning.size()), beginning);
}

std::vector<std::byte> bytes_of(const std::filesystem::path& path) {
  base::File file = base::File::open_to_read(path);
  const std::uint64_t size = file.size();
  if (size > kMostBytes)
    throw std::runtime_error(fmt::format("cannot read {}: it has {} bytes, more than {}",
                                         path.string(), size, kMostBytes));
  std::vector<std::byte> bytes(size);
  file.read(bytes);
  return bytes;
}

}  // namespace

void require_decodable(std::int64_t width, std::int64_t height) {
  if (width * height > kMostPixels)
    throw std::runtime_error(
        fmt::format("its header promises {}x{} pixels, more than {}; it is damaged or too large",
                    width, height, kMostPixels));
}

Image read_grey_image(const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = bytes_of(path);
  try {
    if (begins_with(bytes, kPng)) return decode_png(bytes);
    if (begins_with(bytes, kJpeg)) return decode_jpeg(bytes);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(fmt::format("cannot read {}: {}", path.string(), error.what()));
  }
  throw std::runtime_error(fmt::format("cannot read {}: it is {}", path.string(),
                                       bytes.empty() ? "empty" : "neither PNG nor JPEG"));
}

}  // namespace gan::io
