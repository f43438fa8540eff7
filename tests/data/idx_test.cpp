#include "host/data/idx.h"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include "tests/data/idx_files.h"

namespace gan::data {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Idx : public FolderTest {
 protected:
  // Reading these bytes as images fails with one line that names the file and holds `reason`.
  void expect_refused(const Bytes& bytes, const std::string& reason) const {
    const auto path = write("file", bytes);
    EXPECT_THAT(error_of([&] { read_idx_images(path); }),
                AllOf(HasSubstr(path.string()), HasSubstr(reason), Not(HasSubstr("\n"))));
  }
};

TEST_F(Idx, ReadsImages) {
  const Images images = read_idx_images(write("images", image_file(3, 4, 5)));
  EXPECT_EQ(images.count, 3);
  EXPECT_EQ(images.height, 4);
  EXPECT_EQ(images.width, 5);
  EXPECT_EQ(images.pixels, pattern(60));
}

TEST_F(Idx, ReadsLabels) {
  EXPECT_EQ(read_idx_labels(write("labels", label_file(300))), pattern(300));
}

TEST_F(Idx, ReadsTheShapeOfImagesFromTheHeaderAlone) {
  const ImageShape shape = read_idx_image_shape(write("images", big_endian({2051, 60000, 28, 30})));
  EXPECT_EQ(shape.count, 60000);
  EXPECT_EQ(shape.height, 28);
  EXPECT_EQ(shape.width, 30);
}

TEST_F(Idx, TellsGzipByContentNotByName) {
  EXPECT_EQ(read_idx_images(write("packed", gzip(image_file(3, 4, 5)))).pixels, pattern(60));
  EXPECT_EQ(read_idx_labels(write("packed", gzip(label_file(7)))), pattern(7));
  EXPECT_EQ(read_idx_images(write("plain.gz", image_file(3, 4, 5))).pixels, pattern(60));
}

TEST_F(Idx, ReadsMoreThanOneBuffer) {
  const Bytes file = image_file(5000, 28, 28);
  EXPECT_EQ(read_idx_images(write("plain", file)).pixels, pattern(5000 * 784));
  EXPECT_EQ(read_idx_images(write("packed", gzip(file))).pixels, pattern(5000 * 784));
}

TEST_F(Idx, ReadsGzipOfSeveralMembers) {
  const Bytes file = image_file(3, 4, 5);
  const Bytes first(file.begin(), file.begin() + 30), second(file.begin() + 30, file.end());
  EXPECT_EQ(read_idx_images(write("packed", gzip(first) + gzip(second))).pixels, pattern(60));
}

TEST_F(Idx, RefusesTruncatedFilesAtEveryLength) {
  const Bytes file = image_file(2, 3, 2);
  for (std::size_t size = 1; size < file.size(); ++size) {
    const Bytes start(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(size));
    const std::string reason =
        size < 16 ? "too short" : "after " + std::to_string(size - 16) + " of the 12 bytes";
    expect_refused(start, reason);
    expect_refused(gzip(start), reason);
  }
}

TEST_F(Idx, RefusesEmptyFiles) {
  expect_refused({}, "is empty");
  expect_refused(gzip({}), "is empty");
}

TEST_F(Idx, RefusesTrailingBytes) {
  const Bytes file = image_file(2, 3, 2);
  expect_refused(file + Bytes{0}, "continues after the 12 bytes");
  expect_refused(gzip(file + Bytes{0}), "continues after the 12 bytes");
  expect_refused(gzip(file) + gzip(file), "continues after the 12 bytes");
  expect_refused(gzip(file) + Bytes(100, 'x'), "other bytes after its gzip data");
}

TEST_F(Idx, RefusesWrongMagic) {
  expect_refused(label_file(20), "not an IDX file of images (its magic number is 2049");
  expect_refused(Bytes(100, 'x'), "magic");
  const auto images = write("images", image_file(1, 2, 2));
  EXPECT_THAT(error_of([&] { read_idx_labels(images); }),
              AllOf(HasSubstr(images.string()), HasSubstr("magic number is 2051, not 2049")));
}

TEST_F(Idx, RefusesZeroSizes) {
  expect_refused(big_endian({2051, 0, 28, 28}), "size of 0");
  expect_refused(big_endian({2051, 1, 0, 28}), "size of 0");
  expect_refused(big_endian({2051, 1, 28, 0}), "size of 0");
  const auto labels = write("labels", big_endian({2049, 0}));
  EXPECT_THAT(error_of([&] { read_idx_labels(labels); }), HasSubstr("size of 0"));
}

TEST_F(Idx, RefusesSizesThatOverflow) {
  expect_refused(big_endian({2051, 0xffffffff, 0xffffffff, 0xffffffff}), "2^31");
  expect_refused(big_endian({2051, 0x10000, 0x10000, 0x10000}), "2^31");  // 2⁴⁸, 0 in 32 bits
  expect_refused(big_endian({2051, 0x80000000, 0x80000000, 4}), "2^31");  // 2⁶⁴, 0 in 64 bits
  expect_refused(big_endian({2051, 0x80000000, 1, 1}), "2^31");
}

TEST_F(Idx, RefusesEveryChangeOfItsHeader) {
  const Bytes whole = image_file(2, 3, 2);
  for (std::size_t i = 0; i < 16; ++i)
    for (int byte = 0; byte < 256; ++byte) {
      Bytes changed = whole;
      changed[i] = static_cast<std::uint8_t>(byte);
      if (changed != whole) expect_refused(changed, "");
    }
}

TEST_F(Idx, HeaderAloneClaimsNoMemory) {
  const Bytes promise = big_endian({2051, 2000000, 32, 32});  // 2 GB
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  expect_refused(promise + pattern(100), "after 100 of the 2048000000 bytes");
  expect_refused(gzip(promise + pattern(100)), "after 100 of the 2048000000 bytes");
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 64 * 1024);  // kB
}

TEST_F(Idx, RefusesTruncatedGzipAtEveryLength) {
  const Bytes packed = gzip(image_file(3, 4, 5));
  for (std::size_t size = 2; size < packed.size(); ++size) {
    expect_refused(Bytes(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(size)),
                   "gzip data ends early");
  }
}

TEST_F(Idx, RefusesDamagedGzip) {
  const Bytes packed = gzip(image_file(3, 4, 5));
  Bytes wrong_sum = packed;
  wrong_sum[packed.size() - 8] ^= 1;  // the CRC-32 of the content
  expect_refused(wrong_sum, "gzip data is damaged: incorrect data check");
  Bytes wrong_data = packed;
  wrong_data[10] = 0xff;  // an unknown kind of block
  expect_refused(wrong_data, "gzip data is damaged: invalid block type");
  expect_refused(Bytes{0x1f, 0x8b} + Bytes(100, 'x'), "gzip data is damaged");
}

// A thousand bytes may unpack to a million: two gigabytes of nothing took four of memory.
TEST_F(Idx, RefusesAGzipBomb) {
  const Bytes zeros = big_endian({2051, 90'000, 28, 28}) + Bytes(90'000 * 784, 0);
  expect_refused(gzip(zeros), "its header promises 70560000 bytes, but the file has only");
}

TEST_F(Idx, RefusesWhatIsNoFile) {
  EXPECT_THAT(error_of([&] { read_idx_images(folder_); }),
              AllOf(HasSubstr(folder_.string()), HasSubstr("is a folder")));
  const auto nothing = folder_ / "nothing";
  EXPECT_THAT(error_of([&] { read_idx_images(nothing); }),
              AllOf(HasSubstr(nothing.string()), HasSubstr("No such file")));
}

}  // namespace
}  // namespace gan::data
