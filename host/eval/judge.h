// All measures of a set of samples, and why one is missing.
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
#include "host/eval/feature_measures.h"
#include "host/eval/parzen.h"

namespace gan::eval {

enum class Measure { parzen, frechet, score, kid, neighbours, classes };

struct MeasureName {
  Measure measure;
  std::string_view name;  // as --measures takes it
};
inline constexpr MeasureName kMeasures[] = {
    {Measure::parzen, "parzen"}, {Measure::frechet, "frechet"},       {Measure::score, "score"},
    {Measure::kid, "kid"},       {Measure::neighbours, "neighbours"}, {Measure::classes, "classes"},
};

// What the Parzen score depends on besides the samples.
struct ParzenSensitivity {
  std::vector<ParzenScore> by_count;  // with the first 1,000, 2,000, 5,000, … samples
  ParzenScore fine_grid;              // with ten times as many σ
};

// A measure that was not asked for or could not be taken is empty.
struct Verdict {
  std::optional<ParzenScore> parzen;
  std::optional<ParzenScore> parzen_ceiling;  // of as many training images in the samples' place
  std::optional<double> frechet, classifier_score, kid;
  std::optional<Neighbourhoods> neighbourhoods;
  std::optional<ClassCoverage> classes;
  std::optional<double> classifier_accuracy;
  std::vector<std::string> remarks;  // why something is missing or not to be trusted; a line each
};

// Told in a line what will take a while.
using Notify = std::function<void(const std::string& line)>;

// The judge was told to stop: no trouble, so that nobody takes it for that of a measure.
class Stopped : public std::exception {
 public:
  const char* what() const noexcept override { return "the judge was stopped"; }
};

// Holds samples against the images of a data set: the Parzen window against the test images, with σ
// from the first 1,000 of the last sixth of the training images (MNIST's 50,000 … 60,000), and the
// features, those of a classifier of the training images, against all test images.  What does not
// depend on the samples is prepared once, when it is first needed.
class Judge {
 public:
  static constexpr int kNeighbours = 5;            // k of precision, recall, density, coverage
  static constexpr int kFewest = kNeighbours + 1;  // samples that can be judged

  // `products` computes what is large.  When `stop` becomes true, what is under way throws Stopped
  // within a second or so.
  Judge(const data::DataSource& source, std::unique_ptr<const Products> products, Notify notify,
        const std::atomic<bool>* stop = nullptr);

  const Products& products() const { return *products_; }

  int pixels() const { return train_.height * train_.width; }

  // A line that says which of these measures the data are not enough for; nothing if they are.
  std::optional<std::string> why_not(const std::set<Measure>& measures) const;

  // samples: (n, pixels), in [0, 1], n ≥ kFewest.
  Verdict judge(MatrixView samples, const std::set<Measure>& measures);

  // The Parzen score under other protocols; throws std::runtime_error when there are no test
  // images.
  ParzenSensitivity sensitivity(MatrixView samples) const;

 private:
  // What the features are looked at with, and held against.
  struct Eyes {
    Classifier classifier;
    Matrix features;  // of the test images, if there are any
    std::optional<double> accuracy;
    std::vector<std::string> remarks;
  };

  ParzenProtocol protocol() const;
  std::optional<std::string> why_no_likelihood() const;
  std::optional<std::string> why_no_comparison() const;
  std::optional<std::string> why_no_features() const;
  void judge_by_parzen(MatrixView samples, Verdict& verdict);
  const ParzenScore& ceiling(int samples);
  void judge_by_features(MatrixView samples, const std::set<Measure>& measures, Verdict& verdict);
  Eyes open_eyes() const;
  void add_accuracy(Eyes& eyes) const;

  const data::DataSource& source_;
  std::unique_ptr<const Products> products_;
  Notify notify_;
  const std::atomic<bool>* stop_;  // may be null
  data::Images train_;
  Matrix validation_;           // chooses σ
  std::optional<Matrix> test_;  // none: why_no_test_ says why
  std::string why_no_test_;
  std::map<int, ParzenScore> ceilings_;  // by the number of samples
  std::optional<Eyes> eyes_;
};

}  // namespace gan::eval
