#include "host/eval/sample_evaluator.h"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>

#include "tests/base/support.h"
#include "tests/eval/support.h"

namespace gan::eval {
namespace {

using testing::HasSubstr;

const std::set<MetricGroup> kAll = {MetricGroup::parzen,     MetricGroup::frechet,
                                    MetricGroup::score,      MetricGroup::kid,
                                    MetricGroup::neighbours, MetricGroup::classes};

void ignore(const std::string&) {}

std::string big_endian(std::uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(number >> shift & 0xFF);
  return bytes;
}

// A folder in MNIST's form with 60 training and 20 test images of 2×5 pixels, and a cache of its
// own.
class SmallEvaluator : public testing::Test {
 protected:
  SmallEvaluator() {
    ::setenv("XDG_CACHE_HOME", folder_.path().c_str(), 1);  // ctest gives each test its process
    write_images("train", 60);
    write_images("t10k", 20);
    write_labels("train", 60);
    write_labels("t10k", 20);
  }
  std::string pixels(int count) const {
    std::string bytes;
    for (int i = 0; i < count; ++i)
      for (int k = 0; k < 10; ++k)
        bytes += static_cast<char>(k == i % 10 ? 200 + i % 50 : (i * 7 + k * 3) % 50);
    return bytes;
  }
  void write_images(const std::string& split, std::uint32_t count) const {
    std::ofstream(folder_ / (split + "-images-idx3-ubyte"))
        << big_endian(2051) << big_endian(count) << big_endian(2) << big_endian(5)
        << pixels(static_cast<int>(count));
  }
  void write_labels(const std::string& split, std::uint32_t count) const {
    std::ofstream file(folder_ / (split + "-labels-idx1-ubyte"));
    file << big_endian(2049) << big_endian(count);
    for (std::uint32_t i = 0; i < count; ++i) file << static_cast<char>(i % 10);
  }
  void remove(const std::string& name) const { std::filesystem::remove(folder_ / name); }

  EvalResult evaluate(const std::set<MetricGroup>& groups) const {
    const data::DataSource source = data::DataSource::in_folder(folder_.path());
    return SampleEvaluator(source, cpu_products(), ignore)
        .evaluate(random_matrix(12, 10, 1).view(), groups);
  }

  base::TemporaryFolder folder_;
};

TEST_F(SmallEvaluator, TakesEveryMeasure) {
  const EvalResult result = evaluate(kAll);
  EXPECT_TRUE(result.parzen && result.parzen_ceiling && result.frechet && result.kid);
  EXPECT_TRUE(result.classifier_score && result.neighbourhoods && result.classes);
  EXPECT_TRUE(result.classifier_accuracy);
  EXPECT_EQ(result.parzen->samples, 12);
  EXPECT_EQ(result.parzen_ceiling->samples, 12);
  EXPECT_GT(result.parzen_ceiling->log_likelihood, result.parzen->log_likelihood);
}

TEST_F(SmallEvaluator, TakesNoneThatIsNotAskedFor) {
  const EvalResult parzen = evaluate({MetricGroup::parzen});
  EXPECT_TRUE(parzen.parzen);
  EXPECT_FALSE(parzen.classifier_accuracy || parzen.frechet);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "gan_cuda")) << "trained a classifier for nothing";
  const EvalResult frechet = evaluate({MetricGroup::frechet});
  EXPECT_TRUE(frechet.frechet && frechet.classifier_accuracy);
  EXPECT_FALSE(frechet.parzen || frechet.kid || frechet.classes || frechet.classifier_score);
  EXPECT_FALSE(frechet.neighbourhoods);
}

TEST_F(SmallEvaluator, StopsWhenItIsToldTo) {
  const data::DataSource source = data::DataSource::in_folder(folder_.path());
  std::atomic<bool> stop{false};
  int epochs = 0;
  SampleEvaluator evaluator(
      source, cpu_products(), [&](const std::string&) { stop = ++epochs == 2; }, &stop);
  const Matrix samples = random_matrix(12, 10, 1);
  EXPECT_TRUE(evaluator.evaluate(samples.view(), {MetricGroup::parzen}).parzen);
  EXPECT_THROW(evaluator.evaluate(samples.view(), kAll),
               Stopped);  // while its classifier is trained
  EXPECT_EQ(epochs, 2);
  EXPECT_THROW(evaluator.evaluate(samples.view(), {MetricGroup::parzen}), Stopped);
  stop = false;
  EXPECT_TRUE(evaluator.evaluate(samples.view(), kAll).classifier_accuracy);
}

TEST_F(SmallEvaluator, SaysWhatItCannotTakeWithoutTestImages) {
  remove("t10k-images-idx3-ubyte");
  const EvalResult result = evaluate(kAll);
  EXPECT_FALSE(result.parzen || result.frechet || result.kid || result.neighbourhoods);
  EXPECT_FALSE(result.classifier_accuracy);
  EXPECT_TRUE(result.classifier_score && result.classes);
  EXPECT_THAT(result.remarks,
              testing::ElementsAre(HasSubstr("no log-likelihood without test images"),
                                   HasSubstr("without test images")));
  const data::DataSource source = data::DataSource::in_folder(folder_.path());
  base::expect_error(
      [&] {
        SampleEvaluator(source, cpu_products(), ignore)
            .sensitivity(random_matrix(12, 10, 1).view());
      },
      "no test images");
}

TEST_F(SmallEvaluator, SaysWhatItCannotTakeWithoutLabels) {
  remove("train-labels-idx1-ubyte");
  const EvalResult result = evaluate(kAll);
  EXPECT_TRUE(result.parzen);
  EXPECT_FALSE(result.frechet || result.kid || result.neighbourhoods || result.classes);
  EXPECT_FALSE(result.classifier_score || result.classifier_accuracy);
  EXPECT_THAT(result.remarks, testing::ElementsAre(HasSubstr("without labels")));
}

TEST_F(SmallEvaluator, TestLabelsAreNeededForTheAccuracyAlone) {
  remove("t10k-labels-idx1-ubyte");
  const EvalResult result = evaluate(kAll);
  EXPECT_TRUE(result.frechet);
  EXPECT_FALSE(result.classifier_accuracy);
  EXPECT_THAT(result.remarks, testing::ElementsAre(HasSubstr("the classifier is not tested")));
}

// The second set of samples meets what the first has prepared: of as many samples, and of fewer.
TEST_F(SmallEvaluator, JudgesOneSetLikeAnother) {
  const data::DataSource source = data::DataSource::in_folder(folder_.path());
  SampleEvaluator evaluator(source, cpu_products(), ignore);
  evaluator.evaluate(random_matrix(15, 10, 2).view(), kAll);
  for (const int count : {15, 12}) {
    const Matrix samples = random_matrix(count, 10, 1);
    const EvalResult later = evaluator.evaluate(samples.view(), kAll);
    const EvalResult alone =
        SampleEvaluator(source, cpu_products(), ignore).evaluate(samples.view(), kAll);
    EXPECT_EQ(later.parzen_ceiling->log_likelihood, alone.parzen_ceiling->log_likelihood);
    EXPECT_EQ(later.parzen_ceiling->samples, count);
    EXPECT_EQ(later.frechet, alone.frechet);
    EXPECT_EQ(later.kid, alone.kid);
    EXPECT_EQ(later.classifier_accuracy, alone.classifier_accuracy);
    EXPECT_EQ(later.remarks, alone.remarks);
  }
}

TEST_F(SmallEvaluator, KnowsBeforehandWhatItCannotTake) {
  const auto why_not = [this](const std::set<MetricGroup>& groups) {
    const data::DataSource source = data::DataSource::in_folder(folder_.path());
    return SampleEvaluator(source, cpu_products(), ignore).why_not(groups).value_or("");
  };
  EXPECT_EQ(why_not(kAll), "");
  remove("t10k-images-idx3-ubyte");
  EXPECT_THAT(why_not({MetricGroup::parzen}), HasSubstr("no log-likelihood without test images"));
  for (const MetricGroup group : {MetricGroup::frechet, MetricGroup::kid, MetricGroup::neighbours})
    EXPECT_THAT(why_not({group}), HasSubstr("no comparison with real images"));
  EXPECT_EQ(why_not({MetricGroup::score, MetricGroup::classes}), "");
  write_images("t10k", 20);
  remove("train-labels-idx1-ubyte");
  EXPECT_EQ(why_not({MetricGroup::parzen}), "");
  EXPECT_THAT(why_not({MetricGroup::parzen, MetricGroup::score}), HasSubstr("without labels"));
}

TEST_F(SmallEvaluator, DoubtsABadClassifier) {
  std::ofstream labels(folder_ / "t10k-labels-idx1-ubyte");
  labels << big_endian(2049) << big_endian(20) << std::string(20, '\3');
  labels.close();
  EXPECT_THAT(evaluate({MetricGroup::score}).remarks,
              testing::Contains(HasSubstr("of the test images only")));
}

TEST_F(SmallEvaluator, RefusesTooFewSamples) {
  const data::DataSource source = data::DataSource::in_folder(folder_.path());
  SampleEvaluator evaluator(source, cpu_products(), ignore);
  base::expect_error([&] { evaluator.evaluate(random_matrix(5, 10, 1).view(), kAll); },
                     "5 images are too few");
}

}  // namespace
}  // namespace gan::eval
