#include <algorithm>
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it
#include <cstring>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

// clang-format off: jerror.h is made of what jpeglib.h defines
#include <jerror.h>
#include <jpeglib.h>
// clang-format on

#include "host/io/images/decoders.h"
#include "host/io/images/orientation.h"

namespace gan::io {
namespace {

constexpr int kExif = JPEG_APP0 + 1;  // the marker of EXIF data
constexpr std::string_view kExifName("Exif\0\0", 6);
constexpr int kUsualScans = 16, kMostScans = 1000;         // libjpeg itself writes 10
constexpr std::int64_t kMostWork = std::int64_t{1} << 27;  // pixels times scans

// libjpeg reports an error by longjmp().  It is set up again for every call of ours and leaves
// libjpeg's frames and that of a lambda, in which nothing has a destructor.
class JpegReader {
 public:
  explicit JpegReader(std::span<const std::byte> bytes) {
    jpeg_.err = jpeg_std_error(&errors_);
    jpeg_.client_data = this;
    errors_.error_exit = fail;
    errors_.emit_message = note;
    attempt([&] {
      jpeg_create_decompress(&jpeg_);
      jpeg_save_markers(&jpeg_, kExif, 0xffff);
      jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
      jpeg_read_header(&jpeg_, TRUE);
    });
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  const jpeg_decompress_struct& header() const { return jpeg_; }

  // Which way up it is, by the first EXIF data.
  int orientation() const {
    for (const jpeg_marker_struct* marker = jpeg_.marker_list; marker; marker = marker->next) {
      const auto bytes = std::as_bytes(std::span(marker->data, marker->data_length));
      if (marker->marker == kExif && bytes.size() > kExifName.size() &&
          std::memcmp(bytes.data(), kExifName.data(), kExifName.size()) == 0)
        return orientation_of(bytes.subspan(kExifName.size()));
    }
    return 1;
  }

  // pixels: (height, width)
  void read_grey(std::uint8_t* pixels) {
    jpeg_.out_color_space = JCS_GRAYSCALE;
    const auto size =
        std::max<std::int64_t>(std::int64_t{jpeg_.image_width} * jpeg_.image_height, 1);
    most_scans_ =
        static_cast<int>(std::clamp<std::int64_t>(kMostWork / size, kUsualScans, kMostScans));
    progress_.progress_monitor = count_scans;
    jpeg_.progress = &progress_;
    attempt([&] {
      jpeg_start_decompress(&jpeg_);
      while (jpeg_.output_scanline < jpeg_.output_height) {
        JSAMPROW row = pixels + std::size_t{jpeg_.output_scanline} * jpeg_.output_width;
        jpeg_read_scanlines(&jpeg_, &row, 1);
      }
      jpeg_finish_decompress(&jpeg_);
    });
  }

 private:
  struct Decompressor : jpeg_decompress_struct {
    Decompressor() : jpeg_decompress_struct{} {}
    ~Decompressor() { jpeg_destroy_decompress(this); }
    Decompressor(const Decompressor&) = delete;
    Decompressor& operator=(const Decompressor&) = delete;
  };

  template <class Calls>
  void attempt(const Calls& calls) {
    if (setjmp(failure_) != 0)
      throw std::runtime_error(std::string("its JPEG data cannot be decoded: ") + reason_);
    calls();
  }

  [[noreturn]] static void fail(j_common_ptr jpeg) {
    auto* const reader = static_cast<JpegReader*>(jpeg->client_data);
    jpeg->err->format_message(jpeg, reader->reason_);
    std::longjmp(reader->failure_, 1);
  }

  // A file of some kilobytes may have a scan for every bit of every coefficient, each of which is
  // work on all pixels.
  static void count_scans(j_common_ptr jpeg) {
    auto* const reader = static_cast<JpegReader*>(jpeg->client_data);
    if (reader->jpeg_.input_scan_number <= reader->most_scans_) return;
    std::snprintf(reader->reason_, sizeof reader->reason_, "it has more than %d scans",
                  reader->most_scans_);
    std::longjmp(reader->failure_, 1);
  }

  // A level below 0 is a warning of damaged data, for which libjpeg would make something up.
  static void note(j_common_ptr jpeg, int level) {
    const int code = jpeg->err->msg_code;
    const bool harmless = code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR ||
                          code == JWRN_ADOBE_XFORM || code == JWRN_NOT_SEQUENTIAL;
    if (level < 0 && !harmless) fail(jpeg);
  }

  jpeg_error_mgr errors_{};
  jpeg_progress_mgr progress_{};
  int most_scans_ = kUsualScans;
  std::jmp_buf failure_{};
  char reason_[JMSG_LENGTH_MAX] = "";
  Decompressor jpeg_;
};

}  // namespace

Image decode_jpeg(std::span<const std::byte> bytes) {
  JpegReader reader(bytes);
  const jpeg_decompress_struct& header = reader.header();
  require_decodable(header.image_width, header.image_height);
  if (header.num_components == 4)
    throw std::runtime_error(
        "it is a JPEG in CMYK, which can be turned to grey in several ways; save it as RGB");
  Image image{static_cast<int>(header.image_width), static_cast<int>(header.image_height), 1, {}};
  image.pixels.resize(std::size_t{header.image_width} * header.image_height);
  const int orientation = reader.orientation();  // reading the pixels frees the markers
  reader.read_grey(image.pixels.data());
  return upright(std::move(image), orientation);
}

}  // namespace gan::io
