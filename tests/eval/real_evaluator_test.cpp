// The evaluator on MNIST, and on the published weights of the notebook.
#include <gtest/gtest.h>

#include "host/eval/sample_evaluator.h"
#include "host/eval/samples.h"
#include "tests/eval/real_data.h"

namespace gan::eval {
namespace {

std::set<MetricGroup> all_groups() {
  std::set<MetricGroup> all;
  for (const MetricGroupName& known : kMetricGroups) all.insert(known.group);
  return all;
}

// The published metrics (docs/quality.md).  CTest has the first of these tests train the
// classifier, in a cache folder that the others find it in.
class RealEvaluator : public testing::Test {
 protected:
  void SetUp() override {
    source_ = mnist();
    if (!source_) GTEST_SKIP() << kNoMnist;
    evaluator_.emplace(*source_, cpu_products(), [](const std::string&) {});
  }
  std::optional<data::DataSource> source_;
  std::optional<SampleEvaluator> evaluator_;
};

// Every fifth of the first 50,000 training images.  Which ones counts: every sixth scores 225 nats.
TEST_F(RealEvaluator, RealImages) {
  const Matrix train = to_matrix(source_->load_images(data::Split::train));
  Matrix real(10'000, train.columns);
  for (int i = 0; i < real.rows; ++i)
    std::copy_n(train.view().row(5 * i), real.columns, real.row(i));
  const EvalResult result = evaluator_->evaluate(real.view(), all_groups());
  EXPECT_GE(*result.classifier_accuracy, 0.98);
  EXPECT_NEAR(result.parzen->log_likelihood, 243, 2.5);
  EXPECT_NEAR(result.parzen_ceiling->log_likelihood, 243, 2.5);
  EXPECT_NEAR(*result.frechet, 0.45, 0.075);
  EXPECT_LT(*result.kid, 0.15);
  EXPECT_NEAR(*result.classifier_score, 9.58, 0.05 * 9.58);
  EXPECT_NEAR(result.neighbourhoods->precision, 0.94, 0.05 * 0.94);
  EXPECT_NEAR(result.neighbourhoods->recall, 0.94, 0.05 * 0.94);
  EXPECT_NEAR(result.neighbourhoods->density, 0.96, 0.05 * 0.96);
  EXPECT_NEAR(result.neighbourhoods->coverage, 0.95, 0.05 * 0.95);
  EXPECT_NEAR(result.classes->kl_to_uniform, 0.0015, 0.0015);
  EXPECT_TRUE(result.remarks.empty());
}

TEST_F(RealEvaluator, ThePublishedModel) {
  const auto model = path_in_environment("GAN_SEED_MODEL");
  if (!model) GTEST_SKIP() << kNoSeedModel;
  const Samples samples =
      load_samples(evaluator_->products(), {.path = *model, .pixels = evaluator_->pixels()})
          .front();
  const EvalResult result = evaluator_->evaluate(samples.images.view(), all_groups());
  EXPECT_NEAR(result.parzen->log_likelihood, 155.5, 1.5);
  EXPECT_NEAR(result.parzen->standard_error, 1.5, 0.1);
  EXPECT_GT(result.parzen_ceiling->log_likelihood, 240);
  EXPECT_NEAR(*result.classifier_score, 7.70, 0.05 * 7.70);
  EXPECT_NEAR(result.neighbourhoods->precision, 0.83, 0.05 * 0.83);
  EXPECT_NEAR(result.neighbourhoods->recall, 0.75, 0.05 * 0.75);
  EXPECT_NEAR(result.neighbourhoods->density, 0.63, 0.05 * 0.63);
  EXPECT_NEAR(result.neighbourhoods->coverage, 0.66, 0.05 * 0.66);
  EXPECT_NEAR(result.classes->kl_to_uniform, 0.013, 0.003);
  EXPECT_GT(*result.frechet, 4);
}

}  // namespace
}  // namespace gan::eval
