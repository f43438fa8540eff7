#include "host/data/dataset.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "host/io/images/image.h"
#include "tests/data/idx_files.h"

namespace gan::data {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

// Each test starts in an empty folder of its own, without $GAN_MNIST_DIR.
class FindData : public FolderTest {
 public:
  FindData() {
    fs::current_path(folder_);
    unsetenv("GAN_MNIST_DIR");
  }
  FindData(const FindData&) = delete;
  FindData& operator=(const FindData&) = delete;
  ~FindData() override {
    fs::current_path(old_path_);
    unsetenv("GAN_MNIST_DIR");
    if (old_variable_) setenv("GAN_MNIST_DIR", old_variable_->c_str(), 1);
  }

 protected:
  // A data set of 3 + 2 images, with this suffix to the names.
  void write_data(const std::string& folder, const std::string& gz = "",
                  const std::string& separator = "-") const {
    fs::create_directories(folder);
    const auto packed = [&](const Bytes& bytes) { return gz.empty() ? bytes : gzip(bytes); };
    const std::string images = separator + "idx3-ubyte" + gz,
                      labels = separator + "idx1-ubyte" + gz;
    write(folder + "/train-images" + images, packed(image_file(3, 5, 4)));
    write(folder + "/train-labels" + labels, packed(label_file(3)));
    write(folder + "/t10k-images" + images, packed(image_file(2, 5, 4)));
    write(folder + "/t10k-labels" + labels, packed(label_file(2)));
  }

 private:
  static std::optional<std::string> variable() {
    const char* value = std::getenv("GAN_MNIST_DIR");
    return value ? std::optional<std::string>(value) : std::nullopt;
  }

  fs::path old_path_ = fs::current_path();
  std::optional<std::string> old_variable_ = variable();
};

TEST_F(FindData, LoadsAllPartsUnderEveryName) {
  for (const std::string gz : {"", ".gz"}) {
    for (const std::string separator : {"-", "."}) {
      const std::string name = fs::path("named").concat(separator).concat(gz).string();
      write_data(name, gz, separator);
      const DataSource data = find_data(name);
      EXPECT_EQ(data.load_images(Split::train).count, 3);
      EXPECT_EQ(data.load_images(Split::train).height, 5);
      EXPECT_EQ(data.load_images(Split::train).width, 4);
      EXPECT_EQ(data.load_images(Split::test).count, 2);
      EXPECT_EQ(data.load_labels(Split::train).size(), 3u);
      EXPECT_EQ(data.load_labels(Split::test).size(), 2u);
    }
  }
}

// A folder of a file's name, beside the file or around it.
TEST_F(FindData, FindsWhatKaggleUnpacks) {
  write_data("beside", "", ".");
  fs::create_directories("beside/train-images-idx3-ubyte");
  fs::create_directories("beside/t10k-labels-idx1-ubyte");
  EXPECT_EQ(find_data("beside").load_images(Split::train).count, 3);
  EXPECT_EQ(find_data("beside").load_labels(Split::test).size(), 2u);
  fs::create_directories("around");
  write_data("flat");
  for (const auto& entry : fs::directory_iterator("flat")) {
    const fs::path folder = fs::path("around") / entry.path().filename();
    fs::create_directories(folder);
    fs::copy(entry.path(), folder / entry.path().filename());
  }
  EXPECT_EQ(find_data("around").load_images(Split::train).count, 3);
  EXPECT_EQ(find_data("around").load_labels(Split::train).size(), 3u);
}

TEST_F(FindData, FindsWhatTorchvisionKeeps) {
  write_data("root/MNIST/raw");
  EXPECT_EQ(find_data("root").name(), "IDX images in root/MNIST/raw");
  EXPECT_EQ(find_data("root").load_images(Split::test).count, 2);
  EXPECT_EQ(find_data("root/MNIST").name(), "IDX images in root/MNIST/raw");
  write_data("root/FashionMNIST/raw");
  EXPECT_THAT([] { find_data("root"); },
              testing::ThrowsMessage<std::runtime_error>(
                  AllOf(HasSubstr("several data sets"), HasSubstr("root/FashionMNIST/raw"))));
}

TEST_F(FindData, SaysWhichImagesAreLeftOut) {
  fs::create_directories("pictures");
  for (const char* const name : {"pictures/a.png", "pictures/b.webp", "pictures/c.webp",
                                 "pictures/d.GIF", "pictures/notes.txt"})
    write(name, {0});
  EXPECT_THAT(
      find_data("pictures").notice(),
      AllOf(HasSubstr("1 .png, .jpg or .jpeg file is taken"), HasSubstr("1 .gif, 2 .webp")));
  fs::remove("pictures/a.png");
  EXPECT_THAT([] { find_data("pictures"); },
              testing::ThrowsMessage<std::runtime_error>(HasSubstr("2 .webp")));
}

TEST_F(FindData, NamesAllImagesThatCannotBeRead) {
  fs::create_directories("pictures");
  for (int i = 10; i < 22; ++i) write("pictures/" + std::to_string(i) + ".png", {1, 2, 3});
  EXPECT_THAT([] { find_data("pictures").load_images(Split::train); },
              testing::ThrowsMessage<std::runtime_error>(
                  AllOf(HasSubstr("12 images cannot be read"), HasSubstr("10.png"),
                        HasSubstr("19.png"), testing::Not(HasSubstr("20.png")))));
}

TEST_F(FindData, OptionComesBeforeDefaultFolderBeforeVariableBeforeOwnDigits) {
  EXPECT_EQ(find_data("").name(), "built-in digits");
  write_data("variable");
  setenv("GAN_MNIST_DIR", "variable", 1);
  EXPECT_EQ(find_data("").name(), "IDX images in variable");
  write_data("data/mnist", ".gz");
  EXPECT_EQ(find_data("").name(), "IDX images in data/mnist");
  write_data("named");
  EXPECT_EQ(find_data("named").name(), "IDX images in named");
  EXPECT_EQ(find_data("built-in").name(), "built-in digits");
}

TEST_F(FindData, NoticesOwnDigitsOnlyWhenTheyWereNotAskedFor) {
  EXPECT_THAT(find_data("").notice(), AllOf(HasSubstr("built-in"), HasSubstr("tools/fetch_data")));
  EXPECT_EQ(find_data("built-in").notice(), "");
  write_data("data/mnist");
  EXPECT_EQ(find_data("").notice(), "");
}

TEST_F(FindData, UnfinishedDefaultFolderAndEmptyVariableCountAsNone) {
  fs::create_directories("data/mnist");
  write("data/mnist/train-images-idx3-ubyte.gz.part", {});
  setenv("GAN_MNIST_DIR", "", 1);
  EXPECT_EQ(find_data("").name(), "built-in digits");
}

TEST_F(FindData, OptionFindsTheSameDataFromElsewhere) {
  write_data("data/mnist");
  const std::string option = find_data("").option();
  fs::create_directories("elsewhere");
  fs::current_path("elsewhere");
  EXPECT_EQ(find_data(option).load_images(Split::train).count, 3);
  EXPECT_EQ(find_data(find_data("").option()).name(), "built-in digits");
}

TEST_F(FindData, NamedFolderThatIsNoneIsAnError) {
  EXPECT_THAT(error_of([] { find_data("nowhere"); }),
              AllOf(HasSubstr("nowhere"), HasSubstr("--data"), HasSubstr("not a folder")));
  write("file", {});
  EXPECT_THAT(error_of([] { find_data("file"); }), HasSubstr("not a folder"));
  setenv("GAN_MNIST_DIR", "nowhere", 1);
  EXPECT_THAT(error_of([] { find_data(""); }),
              AllOf(HasSubstr("nowhere"), HasSubstr("$GAN_MNIST_DIR")));
}

TEST_F(FindData, MissingFileIsNamed) {
  write_data("named");
  fs::remove("named/train-labels-idx1-ubyte");
  fs::remove("named/t10k-images-idx3-ubyte");
  const DataSource data = find_data("named");
  EXPECT_EQ(data.load_images(Split::train).count, 3);
  EXPECT_THAT(error_of([&] { data.load_labels(Split::train); }),
              HasSubstr("named/train-labels-idx1-ubyte[.gz] is missing"));
  EXPECT_THAT(error_of([&] { data.load_images(Split::test); }),
              HasSubstr("named/t10k-images-idx3-ubyte[.gz] is missing"));
  fs::remove("named/train-images-idx3-ubyte");
  EXPECT_THAT(error_of([] { find_data("named"); }),
              HasSubstr("named/train-images-idx3-ubyte[.gz] is missing"));
}

TEST_F(FindData, LabelsMustMatchImages) {
  write_data("named");
  write("named/t10k-labels-idx1-ubyte", label_file(7));
  const DataSource data = find_data("named");
  EXPECT_EQ(data.load_labels(Split::train).size(), 3u);
  EXPECT_THAT(error_of([&] { data.load_labels(Split::test); }),
              AllOf(HasSubstr("t10k-labels"), HasSubstr("7 labels for 2 images")));
}

TEST_F(FindData, TestImagesMustHaveTheSizeOfTrainingImages) {
  write_data("named");
  const DataSource data = find_data("named");
  for (const Bytes& file : {image_file(2, 5, 5), image_file(2, 4, 4)}) {
    write("named/t10k-images-idx3-ubyte", file);
    EXPECT_THAT(error_of([&] { data.load_images(Split::test); }),
                AllOf(HasSubstr("t10k-images"), HasSubstr("differ in size")));
  }
}

TEST_F(FindData, ScalesEveryForm) {
  write_data("named");
  const Images as_they_are = find_data("named").load_images(Split::train);
  EXPECT_EQ(as_they_are.height, 5);
  for (const char* option : {"named", "built-in"}) {
    const DataSource data = find_data(option, 3);
    EXPECT_THAT(data.name(), HasSubstr(", scaled to 3x3"));
    for (const Split split : {Split::train, Split::test}) {
      const Images images = data.load_images(split);
      EXPECT_EQ(images.height, 3);
      EXPECT_EQ(images.width, 3);
      EXPECT_EQ(images.count, find_data(option).load_images(split).count);
      EXPECT_EQ(images.pixels.size(), 9 * static_cast<std::size_t>(images.count));
    }
  }
}

TEST_F(FindData, ImageFilesAreTrainingImagesOnly) {
  fs::create_directories("pictures/more");
  io::write_png("pictures/more/a.png", {2, 3, 1, {1, 2, 3, 4, 5, 6}});
  io::write_png("pictures/z.png", {2, 3, 1, {7, 8, 9, 10, 11, 12}});
  const DataSource data = find_data("pictures");
  EXPECT_EQ(data.name(), "PNG and JPEG images in pictures");
  const Images images = find_data(data.option()).load_images(Split::train);
  EXPECT_EQ(images.count, 2);
  EXPECT_EQ(images.height, 3);
  EXPECT_EQ(images.width, 2);
  EXPECT_THAT(images.pixels, testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
  EXPECT_THAT(error_of([&] { data.load_images(Split::test); }),
              AllOf(HasSubstr("pictures"), HasSubstr("test images come with IDX files only")));
  for (const Split split : {Split::train, Split::test})
    EXPECT_THAT(error_of([&] { data.load_labels(split); }),
                AllOf(HasSubstr("pictures"), HasSubstr("labels come with IDX files only")));
}

TEST_F(FindData, FoldersAreClasses) {
  fs::create_directories("pictures/dog/deeper");
  fs::create_directories("pictures/a cat");
  fs::create_directories("pictures/empty");
  for (const char* name : {"dog/deeper/1.png", "dog/2.png", "a cat/3.png"})
    io::write_png(std::string("pictures/") + name, {1, 1, 1, {1}});
  for (const char* folder : {"pictures", "pictures/", "./pictures"}) {
    const Classes classes = find_data(folder).load_classes();
    EXPECT_THAT(classes.names, testing::ElementsAre("a cat", "dog"));
    EXPECT_THAT(classes.labels, testing::ElementsAre(0, 1, 1));  // as the images are sorted
  }
  io::write_png("pictures/z.png", {1, 1, 1, {1}});
  EXPECT_THAT(error_of([] { find_data("pictures").load_classes(); }),
              HasSubstr("pictures/z.png is in no folder of a class"));
}

TEST_F(FindData, MoreThan256FoldersAreTooManyClasses) {
  for (int k = 0; k < 257; ++k) {
    const std::string folder = "pictures/" + std::to_string(k);
    fs::create_directories(folder);
    io::write_png(folder + "/a.png", {1, 1, 1, {1}});
  }
  EXPECT_THAT(error_of([] { find_data("pictures").load_classes(); }), HasSubstr("257 folders"));
  fs::remove_all("pictures/256");
  EXPECT_EQ(find_data("pictures").load_classes().names.size(), 256u);
}

TEST_F(FindData, LabelsAreClasses) {
  const Classes digits = find_data("built-in").load_classes();
  EXPECT_EQ(digits.names.size(), 10u);
  EXPECT_EQ(digits.names.back(), "9");
  EXPECT_EQ(digits.labels, find_data("built-in").load_labels(Split::train));
}

TEST_F(FindData, AnyIdxFileMakesAFolderOneOfIdxFiles) {
  write_data("named");
  io::write_png("named/a.png", {1, 1, 1, {1}});
  EXPECT_EQ(find_data("named").name(), "IDX images in named");
  fs::remove("named/train-images-idx3-ubyte");
  EXPECT_THAT(error_of([] { find_data("named"); }),
              HasSubstr("named/train-images-idx3-ubyte[.gz] is missing"));
}

TEST_F(FindData, FoldersThatAreLinkedAreNotEntered) {
  fs::create_directories("pictures");
  io::write_png("pictures/a.png", {1, 1, 1, {1}});
  fs::create_directory_symlink(".", "pictures/again");
  EXPECT_EQ(find_data("pictures").load_images(Split::train).count, 1);
}

TEST_F(FindData, OwnDigitsAre60000And10000) {
  const DataSource data = find_data("built-in");
  EXPECT_EQ(data.load_images(Split::train).count, 60000);
  EXPECT_EQ(data.load_images(Split::test).count, 10000);
  EXPECT_EQ(data.load_labels(Split::train).size(), 60000u);
  EXPECT_EQ(data.load_labels(Split::test).size(), 10000u);
}

TEST(Mnist, Loads) {
  const char* folder = std::getenv("GAN_MNIST_DIR");
  if (!folder) GTEST_SKIP() << "GAN_MNIST_DIR is not set";
  const DataSource data = find_data(folder);
  const Images test = data.load_images(Split::test);
  EXPECT_EQ(test.count, 10000);
  EXPECT_EQ(test.height, 28);
  EXPECT_EQ(test.width, 28);
  EXPECT_EQ(data.load_images(Split::train).count, 60000);
  EXPECT_EQ(data.load_labels(Split::test)[0], 7);
  EXPECT_EQ(data.load_labels(Split::train)[0], 5);
}

}  // namespace
}  // namespace gan::data
