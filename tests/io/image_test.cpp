#include "host/io/images/image.h"

#include <gtest/gtest.h>
#include <png.h>

#include "host/base/file.h"
#include "tests/io/support.h"

namespace gan::io {

Image read_png(const std::filesystem::path& path) {
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  if (png_image_begin_read_from_file(&png, path.c_str()) == 0) {
    throw std::runtime_error(png.message);
  }
  Image image{static_cast<int>(png.width),
              static_cast<int>(png.height),
              static_cast<int>(PNG_IMAGE_SAMPLE_CHANNELS(png.format)),
              {}};
  image.pixels.resize(PNG_IMAGE_SIZE(png));
  if (png_image_finish_read(&png, nullptr, image.pixels.data(), 0, nullptr) == 0) {
    throw std::runtime_error(png.message);
  }
  return image;
}

namespace {

Image pattern(int width, int height, int channels) {
  Image image{width, height, channels, {}};
  for (int i = 0; i < width * height * channels; ++i) {
    image.pixels.push_back(static_cast<std::uint8_t>(i * 37 % 256));
  }
  return image;
}

TEST(WritePng, ReadsBackTheSame) {
  const base::TemporaryFolder folder;
  for (const int channels : {1, 3}) {
    const Image image = pattern(13, 7, channels);
    write_png(folder / "a.png", image);
    const Image back = read_png(folder / "a.png");
    EXPECT_EQ(back.width, 13);
    EXPECT_EQ(back.height, 7);
    EXPECT_EQ(back.channels, channels);
    EXPECT_EQ(back.pixels, image.pixels);
  }
  EXPECT_EQ(folder.count_files(), 1);
}

TEST(WritePng, IsDeterministic) {
  const base::TemporaryFolder folder;
  write_png(folder / "a.png", pattern(50, 40, 3));
  write_png(folder / "b.png", pattern(50, 40, 3));
  EXPECT_EQ(base::read_file(folder / "a.png"), base::read_file(folder / "b.png"));
}

TEST(WritePng, RefusesSizesThatDoNotFit) {
  const base::TemporaryFolder folder;
  Image short_by_one = pattern(4, 4, 1);
  short_by_one.pixels.pop_back();
  const Image empty{0, 0, 1, {}}, two_channels = pattern(2, 2, 2),
                                  negative{-2, -2, 1, {1, 2, 3, 4}};
  for (const Image& image : {short_by_one, empty, two_channels, negative}) {
    base::expect_error([&] { write_png(folder / "a.png", image); }, (folder / "a.png").string());
  }
  EXPECT_EQ(folder.count_files(), 0);
}

TEST(WritePng, NamesTheFileThatCannotBeWritten) {
  base::expect_error([] { write_png("/nowhere/a.png", pattern(2, 2, 1)); },
                     "cannot write /nowhere/a.png: No such file or directory");
}

}  // namespace
}  // namespace gan::io
