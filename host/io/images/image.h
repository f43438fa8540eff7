#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <vector>

namespace gan::io {

struct Image {
  int width = 0, height = 0;
  int channels = 1;                  // 1: grey, 3: RGB
  std::vector<std::uint8_t> pixels;  // (height, width, channels)
};

// The image as an 8-bit PNG; the same image gives the same bytes.  Throws std::runtime_error when
// its pixels do not make an image of its size.
std::vector<std::byte> encode_png(const Image& image);

// Writes the image atomically as an 8-bit PNG; the same image gives the same bytes.
void write_png(const std::filesystem::path& path, const Image& image);

}  // namespace gan::io
