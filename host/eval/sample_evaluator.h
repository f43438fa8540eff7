// All metrics of a set of samples, and why one is missing.
#pragma once
#include <atomic>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/data/dataset.h"
#include "host/eval/classifier.h"
#include "host/eval/feature_metrics.h"
#include "host/eval/parzen.h"

namespace gan::eval {

enum class MetricGroup { parzen, frechet, score, kid, neighbours, classes };

struct MetricGroupName {
  MetricGroup group;
  std::string_view name;  // as --measures takes it
};
inline constexpr MetricGroupName kMetricGroups[] = {
    {MetricGroup::parzen, "parzen"},         {MetricGroup::frechet, "frechet"},
    {MetricGroup::score, "score"},           {MetricGroup::kid, "kid"},
    {MetricGroup::neighbours, "neighbours"}, {MetricGroup::classes, "classes"},
};

// What the Parzen score depends on besides the samples.
struct ParzenSensitivity {
  std::vector<ParzenScore> by_count;  // with the first 1,000, 2,000, 5,000, … samples
  ParzenScore fine_grid;              // with ten times as many σ
};

// A measure that was not asked for or could not be taken is empty.
struct EvalResult {
  std::optional<ParzenScore> parzen;
  std::optional<ParzenScore> parzen_ceiling;  // of as many training images in the samples' place
  std::optional<double> frechet, classifier_score, kid;
  std::optional<Neighbourhoods> neighbourhoods;
  std::optional<ClassCoverage> classes;
  std::optional<double> class_accuracy;  // share of the samples that are read as their class
  std::optional<double> classifier_accuracy;
  std::vector<std::string> remarks;  // why something is missing or not to be trusted; a line each
};

// Told in a line what will take a while.
using Notify = std::function<void(const std::string& line)>;

// The evaluator was told to stop: no trouble, so that nobody takes it for that of a metric.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "the evaluator was stopped"; }
};

// Holds samples against the images of a data set: the Parzen window against the test images, with σ
// from the first 1,000 of the last sixth of the training images (MNIST's 50,000 … 60,000), and the
// features, those of a classifier of the training images, against all test images.  What does not
// depend on the samples is prepared once, when it is first needed.
class SampleEvaluator {
 public:
  static constexpr int kNeighbours = 5;            // k of precision, recall, density, coverage
  static constexpr int kFewest = kNeighbours + 1;  // samples that can be evaluated

  // `products` computes what is large.  When `stop` becomes true, what is under way throws Stopped
  // within a second or so.
  SampleEvaluator(const data::DataSource& source, std::unique_ptr<const Products> products,
                  Notify notify, const std::atomic<bool>* stop = nullptr);

  const Products& products() const { return *products_; }

  int pixels() const { return train_.height * train_.width; }

  // A line that says which of these metrics the data are not enough for; nothing if they are.
  std::optional<std::string> why_not(const std::set<MetricGroup>& groups) const;

  // samples: (n, pixels), in [0, 1], n ≥ kFewest.  classes: (n), that a conditional generator was
  // asked for; else empty.
  EvalResult evaluate(MatrixView samples, const std::set<MetricGroup>& groups,
                      std::span<const std::uint8_t> classes = {});

  // Of the training images; empty where there are none.
  std::vector<std::uint8_t> training_labels() const;

  // The Parzen score under other protocols; throws std::runtime_error when there are no test
  // images.
  ParzenSensitivity sensitivity(MatrixView samples) const;

 private:
  // What the features are looked at with, and held against.
  struct FeatureExtractor {
    Classifier classifier;
    Matrix features;  // of the test images, if there are any
    std::optional<double> accuracy;
    std::vector<std::string> remarks;
  };

  ParzenProtocol protocol() const;
  std::optional<std::string> why_no_likelihood() const;
  std::optional<std::string> why_no_comparison() const;
  std::optional<std::string> why_no_features() const;
  void evaluate_parzen(MatrixView samples, EvalResult& result);
  const ParzenScore& ceiling(int samples);
  void evaluate_features(MatrixView samples, const std::set<MetricGroup>& groups,
                         std::span<const std::uint8_t> classes, EvalResult& result);
  FeatureExtractor make_extractor() const;
  void add_accuracy(FeatureExtractor& extractor) const;

  const data::DataSource& source_;
  std::unique_ptr<const Products> products_;
  Notify notify_;
  const std::atomic<bool>* stop_;  // may be null
  data::Images train_;
  Matrix validation_;           // chooses σ
  std::optional<Matrix> test_;  // none: why_no_test_ says why
  std::string why_no_test_;
  std::map<int, ParzenScore> ceilings_;  // by the number of samples
  std::optional<FeatureExtractor> extractor_;
};

}  // namespace gan::eval
