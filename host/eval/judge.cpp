#include "host/eval/judge.h"

#include <fmt/format.h>

#include <stdexcept>

#include "host/eval/classifier_cache.h"

namespace gan {
namespace {

constexpr int kValidation = 1000;       // images that choose σ
constexpr double kGoodAccuracy = 0.98;  // of the classifier on MNIST

Images some_of(const Images& all, int first, int count) {
  const auto pixels = static_cast<std::ptrdiff_t>(all.height) * all.width;
  const auto begin = all.pixels.begin() + first * pixels;
  return {count, all.height, all.width, {begin, begin + count * pixels}};
}

Matrix first_of(const Images& images, int count) {
  return to_matrix(some_of(images, 0, std::min(count, images.count)));
}

Matrix validation_of(const Images& train) {
  const int last_sixth = train.count / 6;
  const int first = train.count - last_sixth;
  return to_matrix(some_of(train, first, std::min(kValidation, last_sixth)));
}

}  // namespace

Judge::Judge(const DataSource& source, Notify notify)
    : source_(source),
      notify_(std::move(notify)),
      train_(source.load_images(Split::train)),
      validation_(validation_of(train_)) {
  try {
    test_ = to_matrix(source.load_images(Split::test));
  } catch (const std::runtime_error& error) {
    why_no_test_ = error.what();
  }
}

Verdict Judge::judge(MatrixView samples, const std::set<Measure>& measures) const {
  if (samples.rows < kFewest)
    throw std::runtime_error(
        fmt::format("{} images are too few to judge; there must be {}", samples.rows, kFewest));
  Verdict verdict;
  std::set<Measure> by_features = measures;
  if (by_features.erase(Measure::parzen) > 0) judge_by_parzen(samples, verdict);
  if (!by_features.empty()) judge_by_features(samples, by_features, verdict);
  return verdict;
}

ParzenSensitivity Judge::sensitivity(MatrixView samples) const {
  ParzenSensitivity sensitivity;
  for (const int count : {1000, 2000, 5000, 10'000})
    if (count <= samples.rows)
      sensitivity.by_count.push_back(parzen_score(samples.slice(0, count), protocol()));
  ParzenProtocol fine = protocol();
  fine.grid.count = 91;  // ten times as fine
  sensitivity.fine_grid = parzen_score(samples, fine);
  return sensitivity;
}

ParzenProtocol Judge::protocol() const {
  if (!test_) throw std::runtime_error("no test images: " + why_no_test_);
  return {validation_.view(), test_->view()};
}

void Judge::judge_by_parzen(MatrixView samples, Verdict& verdict) const {
  if (!test_) {
    verdict.remarks.push_back("no log-likelihood without test images: " + why_no_test_);
    return;
  }
  verdict.parzen = parzen_score(samples, protocol());
  // No image that chooses σ is among those that stand in for samples.
  const int others = std::min(samples.rows, train_.count - train_.count / 6);
  verdict.parzen_ceiling = parzen_score(first_of(train_, others).view(), protocol());
}

void Judge::judge_by_features(MatrixView samples, const std::set<Measure>& measures,
                              Verdict& verdict) const {
  const auto wanted = [&](Measure measure) { return measures.contains(measure); };
  const std::optional<Classifier> classifier = make_classifier(verdict);
  if (!classifier) return;
  const Classifier::Sight drawn = classifier->look_at(samples);
  if (wanted(Measure::score))
    verdict.classifier_score = classifier_score(drawn.probabilities.view());
  if (wanted(Measure::classes)) verdict.classes = class_coverage(drawn.probabilities.view());
  if (!test_) {
    verdict.remarks.push_back("no comparison with real images without test images: " +
                              why_no_test_);
    return;
  }
  const Matrix features = classifier->look_at(test_->view()).features;
  const MatrixView real = features.view(), fake = drawn.features.view();
  if (wanted(Measure::frechet)) verdict.frechet = frechet_distance(real, fake);
  if (wanted(Measure::kid)) verdict.kid = kernel_distance(real, fake);
  if (wanted(Measure::neighbours))
    verdict.neighbourhoods = compare_neighbourhoods(real, fake, kNeighbours);
}

std::optional<Classifier> Judge::make_classifier(Verdict& verdict) const {
  std::vector<std::uint8_t> labels;
  try {
    labels = source_.load_labels(Split::train);
  } catch (const std::runtime_error& error) {
    verdict.remarks.push_back(
        fmt::format("no measure in a classifier's features without labels: {}", error.what()));
    return std::nullopt;
  }
  const Classifier classifier =
      cached_classifier({train_, labels}, cache_folder(), [this](int epoch, int epochs) {
        notify_(fmt::format("training the classifier, once for these data: epoch {} of {}", epoch,
                            epochs));
      });
  if (test_) add_accuracy(classifier, verdict);
  return classifier;
}

void Judge::add_accuracy(const Classifier& classifier, Verdict& verdict) const {
  try {
    verdict.classifier_accuracy =
        classifier.accuracy(test_->view(), source_.load_labels(Split::test));
  } catch (const std::runtime_error& error) {
    verdict.remarks.push_back(fmt::format("the classifier is not tested: {}", error.what()));
    return;
  }
  if (*verdict.classifier_accuracy < kGoodAccuracy)
    verdict.remarks.push_back(fmt::format(
        "the classifier is right on {:.1f} % of the test images only: its measures say less",
        100 * *verdict.classifier_accuracy));
}

}  // namespace gan
