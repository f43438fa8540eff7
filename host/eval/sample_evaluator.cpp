#include "host/eval/sample_evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "host/base/printable.h"
#include "host/eval/classifier_cache.h"

namespace gan::eval {
namespace {

constexpr int kValidation = 1000;       // images that choose σ
constexpr double kGoodAccuracy = 0.98;  // of the classifier on MNIST

// MetricGroups in the classifier's features, and those of them that hold samples against test
// images.
constexpr MetricGroup kFeatureGroups[] = {MetricGroup::frechet, MetricGroup::score,
                                          MetricGroup::kid, MetricGroup::neighbours,
                                          MetricGroup::classes};
constexpr MetricGroup kComparisons[] = {MetricGroup::frechet, MetricGroup::kid,
                                        MetricGroup::neighbours};

data::Images some_of(const data::Images& all, int first, int count) {
  const auto pixels = static_cast<std::ptrdiff_t>(all.height) * all.width;
  const auto begin = all.pixels.begin() + first * pixels;
  return {count, all.height, all.width, {begin, begin + count * pixels}};
}

Matrix first_of(const data::Images& images, int count) {
  return to_matrix(some_of(images, 0, std::min(count, images.count)));
}

Matrix validation_of(const data::Images& train) {
  const int last_sixth = train.count / 6;
  const int first = train.count - last_sixth;
  return to_matrix(some_of(train, first, std::min(kValidation, last_sixth)));
}

void require_running(const std::atomic<bool>* stop) {
  if (stop != nullptr && *stop) throw Stopped();
}

// Products that end between two blocks: nearly all of a evaluator's time is spent in them.
class StoppableProducts : public Products {
 public:
  StoppableProducts(std::unique_ptr<const Products> products, const std::atomic<bool>* stop)
      : products_(std::move(products)), stop_(stop) {}

  void for_each_block(MatrixView a, MatrixView b, const BlockVisitor& visit) const override {
    products_->for_each_block(a, b, [&](int first, MatrixView block) {
      require_running(stop_);
      visit(first, block);
    });
  }

  Matrix forward(const model::NetworkShape& shape, std::span<const float> arena,
                 MatrixView x) const override {
    require_running(stop_);
    return products_->forward(shape, arena, x);
  }

 private:
  std::unique_ptr<const Products> products_;
  const std::atomic<bool>* stop_;
};

}  // namespace

SampleEvaluator::SampleEvaluator(const data::DataSource& source,
                                 std::unique_ptr<const Products> products, Notify notify,
                                 const std::atomic<bool>* stop)
    : source_(source),
      products_(std::make_unique<StoppableProducts>(std::move(products), stop)),
      notify_(std::move(notify)),
      stop_(stop),
      train_(source.load_images(data::Split::train)),
      validation_(validation_of(train_)) {
  try {
    test_ = to_matrix(source.load_images(data::Split::test));
  } catch (const std::runtime_error& error) {
    why_no_test_ = base::reason_of(error);
  }
}

std::optional<std::string> SampleEvaluator::why_not(const std::set<MetricGroup>& groups) const {
  const auto wanted = [&](MetricGroup group) { return groups.contains(group); };
  std::optional<std::string> reason;
  if (wanted(MetricGroup::parzen)) reason = why_no_likelihood();
  if (!reason && std::ranges::any_of(kFeatureGroups, wanted)) reason = why_no_features();
  if (!reason && std::ranges::any_of(kComparisons, wanted)) reason = why_no_comparison();
  return reason;
}

EvalResult SampleEvaluator::evaluate(MatrixView samples, const std::set<MetricGroup>& groups,
                                     std::span<const std::uint8_t> classes) {
  if (samples.rows < kFewest)
    throw std::runtime_error(
        fmt::format("{} images are too few to evaluate; there must be {}", samples.rows, kFewest));
  EvalResult result;
  if (groups.contains(MetricGroup::parzen)) evaluate_parzen(samples, result);
  if (std::ranges::any_of(kFeatureGroups, [&](MetricGroup m) { return groups.contains(m); }))
    evaluate_features(samples, groups, classes, result);
  return result;
}

std::vector<std::uint8_t> SampleEvaluator::training_labels() const {
  try {
    return source_.load_classes().labels;
  } catch (const std::runtime_error&) {
    return {};
  }
}

ParzenSensitivity SampleEvaluator::sensitivity(MatrixView samples) const {
  ParzenSensitivity sensitivity;
  for (const int count : {1000, 2000, 5000, 10'000})
    if (count <= samples.rows)
      sensitivity.by_count.push_back(parzen_score(*products_, samples.slice(0, count), protocol()));
  ParzenProtocol fine = protocol();
  fine.grid.count = 91;  // ten times as fine
  sensitivity.fine_grid = parzen_score(*products_, samples, fine);
  return sensitivity;
}

ParzenProtocol SampleEvaluator::protocol() const {
  if (!test_) throw std::runtime_error("no test images: " + why_no_test_);
  return {validation_.view(), test_->view()};
}

std::optional<std::string> SampleEvaluator::why_no_likelihood() const {
  if (test_) return std::nullopt;
  return "no log-likelihood without test images: " + why_no_test_;
}

std::optional<std::string> SampleEvaluator::why_no_comparison() const {
  if (test_) return std::nullopt;
  return "no comparison with real images without test images: " + why_no_test_;
}

std::optional<std::string> SampleEvaluator::why_no_features() const {
  try {
    source_.load_labels(data::Split::train);
    return std::nullopt;
  } catch (const std::runtime_error& error) {
    return fmt::format("no metric in a classifier's features without labels: {}",
                       base::reason_of(error));
  }
}

void SampleEvaluator::evaluate_parzen(MatrixView samples, EvalResult& result) {
  if (const auto reason = why_no_likelihood()) {
    result.remarks.push_back(*reason);
    return;
  }
  result.parzen = parzen_score(*products_, samples, protocol());
  result.parzen_ceiling = ceiling(samples.rows);
}

const ParzenScore& SampleEvaluator::ceiling(int samples) {
  // No image that chooses σ is among those that stand in for samples.
  const int others = std::min(samples, train_.count - train_.count / 6);
  const auto known = ceilings_.find(others);
  if (known != ceilings_.end()) return known->second;
  return ceilings_[others] = parzen_score(*products_, first_of(train_, others).view(), protocol());
}

void SampleEvaluator::evaluate_features(MatrixView samples, const std::set<MetricGroup>& groups,
                                        std::span<const std::uint8_t> classes, EvalResult& result) {
  const auto wanted = [&](MetricGroup group) { return groups.contains(group); };
  if (!extractor_) {
    if (const auto reason = why_no_features()) {
      result.remarks.push_back(*reason);
      return;
    }
    extractor_ = make_extractor();
  }
  std::ranges::copy(extractor_->remarks, std::back_inserter(result.remarks));
  result.classifier_accuracy = extractor_->accuracy;
  const Classifier::Outputs drawn = extractor_->classifier.apply(*products_, samples);
  if (wanted(MetricGroup::score))
    result.classifier_score = classifier_score(drawn.probabilities.view());
  if (wanted(MetricGroup::classes)) {
    result.classes = class_coverage(drawn.probabilities.view());
    if (!classes.empty())
      result.class_accuracy = share_read_as(drawn.probabilities.view(), classes);
  }
  if (const auto reason = why_no_comparison()) {
    if (std::ranges::any_of(kComparisons, wanted)) result.remarks.push_back(*reason);
    return;
  }
  const MatrixView real = extractor_->features.view(), fake = drawn.features.view();
  if (wanted(MetricGroup::frechet)) result.frechet = frechet_distance(real, fake);
  if (wanted(MetricGroup::kid)) result.kid = kernel_distance(*products_, real, fake);
  if (wanted(MetricGroup::neighbours))
    result.neighbourhoods = compare_neighbourhoods(*products_, real, fake, kNeighbours);
}

SampleEvaluator::FeatureExtractor SampleEvaluator::make_extractor() const {
  const std::vector<std::uint8_t> labels = source_.load_labels(data::Split::train);
  FeatureExtractor extractor{
      cached_classifier(
          {train_, labels}, cache_folder(),
          [this](int epoch, int epochs) {
            notify_(fmt::format("training the classifier, once for these data: epoch {} of {}",
                                epoch, epochs));
          },
          [this] { require_running(stop_); }),
      {},
      {},
      {}};
  if (test_) {
    extractor.features = extractor.classifier.apply(*products_, test_->view()).features;
    add_accuracy(extractor);
  }
  return extractor;
}

void SampleEvaluator::add_accuracy(FeatureExtractor& extractor) const {
  try {
    extractor.accuracy = extractor.classifier.accuracy(*products_, test_->view(),
                                                       source_.load_labels(data::Split::test));
  } catch (const std::runtime_error& error) {
    extractor.remarks.push_back(
        fmt::format("the classifier is not tested: {}", base::reason_of(error)));
    return;
  }
  if (*extractor.accuracy < kGoodAccuracy)
    extractor.remarks.push_back(fmt::format(
        "the classifier is right on {:.1f} % of the test images only: its metrics say less",
        100 * *extractor.accuracy));
}

}  // namespace gan::eval
