#include "host/io/grey_image.h"

#include <gmock/gmock.h>

#include <fstream>
#include <span>
#include <utility>

#include "host/io/decoders.h"
#include "tests/io/jpegs.h"
#include "tests/io/support.h"

namespace gan {
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

  TemporaryFolder folder_;
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
  expect_error([&] { read(encode_jpeg(gradient(8, 8, 4))); }, (folder_ / "file").string(), "CMYK");
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
  expect_error([] { require_decodable(8192, 8193); }, "promises 8192x8193 pixels");
  expect_error([] { require_decodable(1'000'000, 1'000'000); }, "promises 1000000x1000000");
}

TEST_F(GreyImage, RefusesAFileThatIsTooLargeBeforeReadingIt) {
  std::ofstream(folder_ / "file").close();
  std::filesystem::resize_file(folder_ / "file", (std::uintmax_t{1} << 30) + 1);  // a hole
  expect_error([&] { read_grey_image(folder_ / "file"); }, "1073741825 bytes");
}

}  // namespace
}  // namespace gan
