#include "host/eval/classifier.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>

#include "host/base/file.h"
#include "host/eval/classifier_cache.h"
#include "tests/base/support.h"
#include "tests/eval/support.h"

namespace gan::eval {
namespace {

// 40 images of 2×5 pixels; pixel k of class k is bright, the others are dim and differ.
struct SmallDigits {
  data::Images images{40, 2, 5, {}};
  std::vector<std::uint8_t> labels;

  SmallDigits() {
    for (int i = 0; i < 40; ++i) {
      labels.push_back(static_cast<std::uint8_t>(i % 10));
      for (int k = 0; k < 10; ++k)
        images.pixels.push_back(
            static_cast<std::uint8_t>(k == i % 10 ? 200 + i : (i * 7 + k * 3) % 50));
    }
  }
  LabelledImages data() const { return {images, labels}; }
};

constexpr auto kSilent = [](int, int) {};

ClassifierTraining small_training() {
  return {.hidden = {12, 6},
          .batch = 16,
          .epochs = 150,
          .farthest_shift = 0,
          .adam = {.rate = 0.01},
          .seed = 3};
}

TEST(Classifier, LearnsItsClasses) {
  const SmallDigits digits;
  const ClassifierTraining training = small_training();
  const Classifier classifier(classifier_shape(10, training),
                              train_classifier(digits.data(), training, kSilent));
  EXPECT_EQ(classifier.accuracy(*cpu, to_matrix(digits.images).view(), digits.labels), 1);
}

TEST(Classifier, TrainingIsDeterministicAndDependsOnTheSeed) {
  const SmallDigits digits;
  ClassifierTraining training = small_training();
  training.epochs = 3;
  const auto weights = [&] { return train_classifier(digits.data(), training, kSilent); };
  const io::TensorFile first = weights(), again = weights();
  ASSERT_EQ(first.tensors.size(), 6U);
  for (std::size_t i = 0; i < 6; ++i)
    EXPECT_EQ(first.tensors[i].values, again.tensors[i].values) << first.tensors[i].name;
  training.seed = 4;
  EXPECT_NE(first.tensors[0].values, weights().tensors[0].values);
}

// One bright pixel in each image, its place the class: after a shift it is another class's.
TEST(Classifier, SeesShiftedImages) {
  const SmallDigits digits;
  ClassifierTraining training = small_training();
  training.farthest_shift = 1;
  const Classifier classifier(classifier_shape(10, training),
                              train_classifier(digits.data(), training, kSilent));
  EXPECT_LT(classifier.accuracy(*cpu, to_matrix(digits.images).view(), digits.labels), 1);
}

TEST(Classifier, AnnouncesItsEpochs) {
  const SmallDigits digits;
  ClassifierTraining training = small_training();
  training.epochs = 3;
  std::vector<int> epochs;
  train_classifier(digits.data(), training, [&](int epoch, int all) {
    epochs.push_back(epoch);
    EXPECT_EQ(all, 3);
  });
  EXPECT_EQ(epochs, (std::vector<int>{1, 2, 3}));
}

TEST(Classifier, RefusesOtherLabels) {
  SmallDigits digits;
  digits.labels[5] = 10;
  base::expect_error([&] { train_classifier(digits.data(), small_training(), kSilent); },
                     "not all from 0 to 9");
}

// Weights 2-3-2-10 whose features can be worked out by hand.
TEST(Classifier, FeaturesAreTheLastHiddenLayerAfterItsReLU) {
  const model::NetworkShape shape(2, {3, 2}, 10, model::Activation::none);
  io::TensorFile weights;
  for (const model::NamedTensor& t : shape.tensors())
    weights.tensors.push_back(
        {t.name, {t.shape.begin(), t.shape.end()}, std::vector<float>(t.size())});
  weights.tensors[0].values = {1, 0, 0, 1, -1, 0};  // x₁, x₂, -x₁
  weights.tensors[2].values = {1, 1, 1, -1, 0, 0};  // x₁ + x₂ + 0, -x₁
  weights.tensors[3].values = {0, 0.75F};
  weights.tensors[5].values[4] = std::log(2.0F);  // class 4 is twice as probable
  const Matrix images = [] {
    Matrix m(2500, 2);
    for (int i = 0; i < m.rows; ++i) m.row(i)[0] = m.row(i)[1] = static_cast<float>(i) / 2500;
    return m;
  }();
  const Classifier::Outputs outputs = Classifier(shape, weights).apply(*cpu, images.view());
  ASSERT_EQ(outputs.features.columns, 2);
  ASSERT_EQ(outputs.probabilities.columns, 10);
  for (const int i : {0, 999, 1000, 2499}) {
    const float x = static_cast<float>(i) / 2500;
    EXPECT_NEAR(outputs.features.view().row(i)[0], 2 * x, 1e-6);
    EXPECT_NEAR(outputs.features.view().row(i)[1], std::max(0.75F - x, 0.0F), 1e-6);
    EXPECT_NEAR(outputs.probabilities.view().row(i)[4], 2.0 / 11, 1e-6);
    EXPECT_NEAR(outputs.probabilities.view().row(i)[0], 1.0 / 11, 1e-6);
  }
}

TEST(Classifier, RefusesWeightsOfAnotherShape) {
  const model::NetworkShape shape(2, {3, 2}, 10, model::Activation::none);
  base::expect_error([&] { Classifier(shape, {}); }, "network.0.weight is missing");
  const io::TensorFile other{{{"network.0.weight", {1}, {0}}}, {}};
  base::expect_error([&] { Classifier(shape, other); }, "network.0.weight does not have the shape");
}

class ClassifierCache : public testing::Test {
 protected:
  // Whether that call trained.
  bool trains(const SmallDigits& digits, const std::optional<std::filesystem::path>& folder) {
    bool trained = false;
    cached_classifier(digits.data(), folder, [&](int, int) { trained = true; });
    return trained;
  }
  std::filesystem::path only_file() const {
    return *std::filesystem::directory_iterator(folder_.path() / "cache");
  }

  base::TemporaryFolder folder_;
  SmallDigits digits_;
  std::filesystem::path cache_ = folder_ / "cache";
};

TEST_F(ClassifierCache, TrainsOnceForTheSameData) {
  EXPECT_TRUE(trains(digits_, cache_));
  EXPECT_FALSE(trains(digits_, cache_));
  SmallDigits other = digits_;
  other.images.pixels[0] ^= 1;
  EXPECT_TRUE(trains(other, cache_));
  other = digits_;
  other.labels[0] ^= 1;
  EXPECT_TRUE(trains(other, cache_));
  EXPECT_FALSE(trains(digits_, cache_));
}

TEST_F(ClassifierCache, DamageIsTrainedAway) {
  trains(digits_, cache_);
  const std::string good = base::read_file(only_file());
  std::ofstream(only_file()) << "damaged";
  EXPECT_TRUE(trains(digits_, cache_));
  EXPECT_EQ(base::read_file(only_file()), good);
  io::TensorFile other =
      io::load_safetensors(only_file());  // one of another training under the same hash
  other.metadata["training"] += "?";
  io::save_safetensors(only_file(), other);
  EXPECT_TRUE(trains(digits_, cache_));
}

TEST_F(ClassifierCache, WeightsThatAreNotThoseOfTheTrainingAreTrainedAway) {
  trains(digits_, cache_);
  const io::TensorFile good = io::load_safetensors(only_file());
  for (const float value : {std::numeric_limits<float>::quiet_NaN(), 0.25F}) {
    io::TensorFile damaged = good;
    damaged.tensors[0].values[3] = value;
    io::save_safetensors(only_file(), damaged);
    EXPECT_TRUE(trains(digits_, cache_)) << value;
    EXPECT_EQ(io::load_safetensors(only_file()).tensors[0].values, good.tensors[0].values);
  }
  io::TensorFile older = good;  // of a version without checksums
  older.metadata.erase("crc32");
  io::save_safetensors(only_file(), older);
  EXPECT_FALSE(trains(digits_, cache_));
  older.tensors[0].values[3] = std::numeric_limits<float>::infinity();
  io::save_safetensors(only_file(), older);
  EXPECT_TRUE(trains(digits_, cache_));
}

TEST_F(ClassifierCache, IsNotNeeded) {
  EXPECT_TRUE(trains(digits_, std::nullopt));
  std::ofstream(cache_) << "a file in the folder's place";
  EXPECT_TRUE(trains(digits_, cache_));
  EXPECT_EQ(base::read_file(cache_), "a file in the folder's place");
}

TEST(CacheFolder, IsThatOfTheSystem) {
  ::setenv("HOME", "/home/someone", 1);
  ::setenv("XDG_CACHE_HOME", "/caches", 1);
  EXPECT_EQ(cache_folder(), "/caches/gan_cuda");
  ::setenv("XDG_CACHE_HOME", "relative", 1);
  EXPECT_EQ(cache_folder(), "/home/someone/.cache/gan_cuda");
  ::unsetenv("XDG_CACHE_HOME");
  EXPECT_EQ(cache_folder(), "/home/someone/.cache/gan_cuda");
  ::unsetenv("HOME");
  EXPECT_EQ(cache_folder(), std::nullopt);
}

}  // namespace
}  // namespace gan::eval
