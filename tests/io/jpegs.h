// JPEG files as libjpeg writes them.
#pragma once
#include <cstddef>
#include <cstdio>  // jpeglib.h needs it
#include <cstdlib>
#include <vector>

#include <jpeglib.h>

#include "host/io/images/image.h"

namespace gan::io {

enum class JpegKind { baseline, progressive, many_scans };

// A scan for every bit of every coefficient of a grey image, as far as libjpeg writes that.
inline std::vector<jpeg_scan_info> scans_of_bits() {
  std::vector<jpeg_scan_info> scans;
  constexpr int kMostBits = 10;
  for (int coefficient = 0; coefficient < 64; ++coefficient)
    for (int bit = kMostBits; bit >= 0; --bit)
      scans.push_back(
          {1, {0, 0, 0, 0}, coefficient, coefficient, bit == kMostBits ? 0 : bit + 1, bit});
  return scans;
}

// Of 1 (grey), 3 (RGB) or 4 (CMYK) channels, at the best quality.
inline std::vector<std::byte> encode_jpeg(const Image& image, JpegKind kind = JpegKind::baseline) {
  jpeg_compress_struct jpeg = {};
  jpeg_error_mgr errors = {};
  jpeg.err = jpeg_std_error(&errors);
  jpeg_create_compress(&jpeg);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&jpeg, &data, &size);
  jpeg.image_width = static_cast<JDIMENSION>(image.width);
  jpeg.image_height = static_cast<JDIMENSION>(image.height);
  jpeg.input_components = image.channels;
  jpeg.in_color_space = image.channels == 1   ? JCS_GRAYSCALE
                        : image.channels == 3 ? JCS_RGB
                                              : JCS_CMYK;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, 100, TRUE);
  if (kind == JpegKind::progressive) jpeg_simple_progression(&jpeg);
  const std::vector<jpeg_scan_info> scans = scans_of_bits();
  if (kind == JpegKind::many_scans) {
    jpeg.scan_info = scans.data();
    jpeg.num_scans = static_cast<int>(scans.size());
  }
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    const std::size_t begin = std::size_t{jpeg.next_scanline} * jpeg.image_width *
                              static_cast<std::size_t>(image.channels);
    JSAMPROW row = const_cast<JSAMPROW>(&image.pixels[begin]);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  const auto* const begin = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> bytes(begin, begin + size);
  jpeg_destroy_compress(&jpeg);
  std::free(data);
  return bytes;
}

}  // namespace gan::io
