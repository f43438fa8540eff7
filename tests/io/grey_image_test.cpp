#include "host/io/images/grey_image.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <algorithm>
#include <fstream>
#include <span>
#include <utility>

#include "host/io/images/decoders.h"
#include "host/io/images/orientation.h"
#include "tests/io/jpegs.h"
#include "tests/io/support.h"

namespace gan::io {
namespace {

using Bytes = std::vector<std::byte>;

// Of slow colours, as JPEG keeps them.
Image gradient(int width, int height, int channels) {
  Image image{width, height, channels, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < channels; ++c)
        image.pixels.push_back(static_cast<std::uint8_t>(3 * x + 2 * y + 40 * c));
  return image;
}

int luma_at(const Image& image, std::size_t pixel) {
  if (image.channels == 1) return image.pixels[pixel];
  const std::uint8_t* const rgb = &image.pixels[3 * pixel];
  return (299 * rgb[0] + 587 * rgb[1] + 114 * rgb[2] + 500) / 1000;
}

using Decode = Image (*)(std::span<const std::byte>);

// Whether it is an image; an error must be one line.
bool is_decoded(Decode decode, std::span<const std::byte> bytes) {
  try {
    decode(bytes);
    return true;
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::Not(testing::HasSubstr("\n")));
    return false;
  }
}

class GreyImage : public testing::Test {
 protected:
  Image read(const Bytes& bytes) const {
    std::ofstream(folder_ / "file", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    return read_grey_image(folder_ / "file");
  }

  void expect_luma(const Image& image, const Bytes& bytes, int tolerance) const {
    const Image grey = read(bytes);
    ASSERT_EQ(grey.width, image.width);
    ASSERT_EQ(grey.height, image.height);
    ASSERT_EQ(grey.channels, 1);
    ASSERT_EQ(grey.pixels.size(), image.pixels.size() / static_cast<std::size_t>(image.channels));
    for (std::size_t i = 0; i < grey.pixels.size(); ++i)
      EXPECT_NEAR(grey.pixels[i], luma_at(image, i), tolerance) << i;
  }

  base::TemporaryFolder folder_;
};

TEST_F(GreyImage, IsTheLumaOfAPng) {
  for (const int channels : {1, 3}) {
    const Image image = gradient(23, 17, channels);
    expect_luma(image, encode_png(image), 0);
  }
}

TEST_F(GreyImage, IsTheLumaOfAJpeg) {
  for (const int channels : {1, 3})
    for (const JpegKind kind : {JpegKind::baseline, JpegKind::progressive}) {
      const Image image = gradient(23, 17, channels);
      expect_luma(image, encode_jpeg(image, kind), 2);  // the best quality still rounds
    }
}

TEST_F(GreyImage, RefusesCmyk) {
  base::expect_error([&] { read(encode_jpeg(gradient(8, 8, 4))); }, (folder_ / "file").string(),
                     "CMYK");
}

TEST_F(GreyImage, RefusesAFileThatEndsEarly) {
  const Bytes png = encode_png(gradient(9, 9, 3));
  constexpr std::size_t iend = 12;  // the end mark, after all of the image
  for (std::size_t size = 0; size < png.size() - iend; ++size)
    EXPECT_FALSE(is_decoded(decode_png, std::span(png).first(size))) << size;
  for (const JpegKind kind : {JpegKind::baseline, JpegKind::progressive}) {
    const Bytes jpeg = encode_jpeg(gradient(9, 9, 3), kind);
    for (std::size_t size = 0; size < jpeg.size(); ++size)
      EXPECT_FALSE(is_decoded(decode_jpeg, std::span(jpeg).first(size))) << size;
  }
}

// libpng would allocate half a gigabyte for it.
TEST_F(GreyImage, RefusesAChunkThatIsLongerThanItsFile) {
  constexpr std::ptrdiff_t kBehindHeader = 8 + 25;
  Bytes png = encode_png(gradient(5, 3, 1));
  for (const char c : {'\x20', '\0', '\0', '\1', 'e', 'X', 'I', 'f'})
    png.insert(png.begin() + kBehindHeader, static_cast<std::byte>(c));
  std::reverse(png.begin() + kBehindHeader, png.begin() + kBehindHeader + 8);
  base::expect_error([&] { read(png); }, (folder_ / "file").string(), "cut short");
}

// What damage does is up to the place, but it is an image or an error.
TEST_F(GreyImage, LivesWithAnyDamagedByte) {
  const std::pair<Decode, Bytes> files[] = {
      {decode_png, encode_png(gradient(9, 9, 3))},
      {decode_jpeg, encode_jpeg(gradient(9, 9, 1))},
      {decode_jpeg, encode_jpeg(gradient(9, 9, 1), JpegKind::progressive)}};
  for (const auto& [decode, whole] : files) {
    int refused = 0;
    for (std::size_t i = 0; i < whole.size(); ++i) {
      Bytes damaged = whole;
      damaged[i] ^= std::byte{0xff};
      refused += is_decoded(decode, damaged) ? 0 : 1;
    }
    EXPECT_GT(refused, 30);
  }
}

TEST_F(GreyImage, ForgivesBytesBetweenThePartsOfAJpeg) {
  const Image image = gradient(16, 8, 1);
  Bytes jpeg = encode_jpeg(image);
  constexpr std::ptrdiff_t first_segment = 2 + 18;  // SOI and JFIF's APP0
  jpeg.insert(jpeg.begin() + first_segment, 5, std::byte{0});
  expect_luma(image, jpeg, 2);
}

TEST_F(GreyImage, RefusesByTheHeaderWhatIsTooLarge) {
  EXPECT_NO_THROW(require_decodable(8192, 8192));
  base::expect_error([] { require_decodable(8192, 8193); }, "promises 8192x8193 pixels");
  base::expect_error([] { require_decodable(1'000'000, 1'000'000); }, "promises 1000000x1000000");
}

TEST_F(GreyImage, RefusesAFileThatIsTooLargeBeforeReadingIt) {
  std::ofstream(folder_ / "file").close();
  std::filesystem::resize_file(folder_ / "file", (std::uintmax_t{1} << 30) + 1);  // a hole
  base::expect_error([&] { read_grey_image(folder_ / "file"); }, "1073741825 bytes");
}

// By the definition of EXIF 2.3: where the stored image's first row and column are.
TEST(Orientation, TurnsEveryOne) {
  const Image stored{3, 2, 1, {0, 1, 2, 3, 4, 5}};
  const auto pixels = [&](int orientation) { return upright(stored, orientation).pixels; };
  using Pixels = std::vector<std::uint8_t>;
  EXPECT_EQ(pixels(1), (Pixels{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(pixels(2), (Pixels{2, 1, 0, 5, 4, 3}));
  EXPECT_EQ(pixels(3), (Pixels{5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(pixels(4), (Pixels{3, 4, 5, 0, 1, 2}));
  EXPECT_EQ(pixels(5), (Pixels{0, 3, 1, 4, 2, 5}));
  EXPECT_EQ(pixels(6), (Pixels{3, 0, 4, 1, 5, 2}));
  EXPECT_EQ(pixels(7), (Pixels{5, 2, 4, 1, 3, 0}));
  EXPECT_EQ(pixels(8), (Pixels{2, 5, 1, 4, 0, 3}));
  EXPECT_EQ(upright(stored, 6).width, 2);
  EXPECT_EQ(upright(stored, 9).pixels, stored.pixels);
}

std::string exif(char order, int orientation) {
  const char low = static_cast<char>(orientation);
  return order == 'I'
             ? std::string("II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0", 18) + low + std::string(7, '\0')
             : std::string("MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0", 19) + low +
                   std::string(6, '\0');
}

int orientation_in(const std::string& tiff) {
  return orientation_of(std::as_bytes(std::span(tiff)));
}

TEST(Orientation, IsFoundInBothByteOrders) {
  for (const char order : {'I', 'M'})
    for (int orientation = 1; orientation <= 8; ++orientation)
      EXPECT_EQ(orientation_in(exif(order, orientation)), orientation);
  const std::string whole = exif('I', 6);
  for (std::size_t cut = 0; cut < 18; ++cut) EXPECT_EQ(orientation_in(whole.substr(0, cut)), 1);
  EXPECT_EQ(orientation_in(exif('I', 77)), 1);
}

TEST_F(GreyImage, OfAJpegIsTurnedUpright) {
  const Bytes plain = encode_jpeg(gradient(24, 16, 1));
  const Image lying = read(plain);
  const std::string data = std::string("Exif\0\0", 6) + exif('M', 6);
  const std::string segment =
      std::string("\xff\xe1\0", 3) + static_cast<char>(data.size() + 2) + data;
  Bytes turned(plain.begin(), plain.begin() + 2);
  for (const char c : segment) turned.push_back(static_cast<std::byte>(c));
  turned.insert(turned.end(), plain.begin() + 2, plain.end());
  const Image image = read(turned);
  EXPECT_EQ(image.width, 16);
  EXPECT_EQ(image.height, 24);
  EXPECT_EQ(image.pixels, upright(lying, 6).pixels);
}

TEST_F(GreyImage, OfAPngIsTurnedUpright) {
  const Bytes plain = encode_png(gradient(5, 3, 1));
  const std::string content = "eXIf" + exif('I', 3);
  std::string chunk = std::string(3, '\0') + static_cast<char>(content.size() - 4) + content;
  const auto checksum = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size())));
  for (int shift = 24; shift >= 0; shift -= 8) chunk += static_cast<char>(checksum >> shift & 255);
  Bytes turned = plain;
  constexpr std::ptrdiff_t kBehindHeader = 8 + 25;
  std::vector<std::byte> inserted;
  for (const char c : chunk) inserted.push_back(static_cast<std::byte>(c));
  turned.insert(turned.begin() + kBehindHeader, inserted.begin(), inserted.end());
  EXPECT_EQ(read(turned).pixels, upright(read(plain), 3).pixels);
}

// The end of the spectral selection, which some phones write as 0, has no meaning in a baseline
// file: libjpeg warns of it and decodes all.
TEST_F(GreyImage, HarmlessWarningsAreNotErrors) {
  const Bytes plain = encode_jpeg(gradient(24, 16, 1));
  Bytes odd = plain;
  for (std::size_t i = 0; i + 1 < odd.size(); ++i)
    if (odd[i] == std::byte{0xff} && odd[i + 1] == std::byte{0xda}) odd[i + 8] = std::byte{0};
  ASSERT_NE(odd, plain);
  EXPECT_EQ(read(odd).pixels, read(plain).pixels);
}

// 704 scans of one bit of one coefficient each are work on all pixels each.
TEST_F(GreyImage, BoundsTheScansOfAJpeg) {
  const Image small = gradient(24, 16, 1);
  EXPECT_EQ(read(encode_jpeg(small, JpegKind::many_scans)).pixels, read(encode_jpeg(small)).pixels);
  const Image large{512, 512, 1, std::vector<std::uint8_t>(512 * 512, 7)};
  const Bytes many = encode_jpeg(large, JpegKind::many_scans);
  EXPECT_LT(many.size(), 1'000'000U);
  base::expect_error([&] { read(many); }, "it has more than 512 scans");
  EXPECT_EQ(read(encode_jpeg(large, JpegKind::progressive)).pixels, large.pixels);
}

}  // namespace
}  // namespace gan::io
