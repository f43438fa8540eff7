#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it
#include <stdexcept>
#include <string>

// clang-format off: jerror.h is made of what jpeglib.h defines
#include <jerror.h>
#include <jpeglib.h>
// clang-format on

#include "host/io/decoders.h"

namespace gan {
namespace {

// libjpeg reports an error by longjmp().  It is set up anew for every call of ours and leaves
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
      jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
      jpeg_read_header(&jpeg_, TRUE);
    });
  }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  const jpeg_decompress_struct& header() const { return jpeg_; }

  // pixels: (height, width)
  void read_grey(std::uint8_t* pixels) {
    jpeg_.out_color_space = JCS_GRAYSCALE;
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

  // A level below 0 is a warning of damaged data, for which libjpeg would make something up.
  static void note(j_common_ptr jpeg, int level) {
    const int code = jpeg->err->msg_code;
    const bool harmless = code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR;
    if (level < 0 && !harmless) fail(jpeg);
  }

  jpeg_error_mgr errors_{};
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
    throw std::runtime_error("it is a JPEG in CMYK, which has no one way to grey; save it as RGB");
  Image image{static_cast<int>(header.image_width), static_cast<int>(header.image_height), 1, {}};
  image.pixels.resize(std::size_t{header.image_width} * header.image_height);
  reader.read_grey(image.pixels.data());
  return image;
}

}  // namespace gan
