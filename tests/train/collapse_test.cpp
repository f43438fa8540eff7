#include "host/train/collapse.h"

#include <gmock/gmock.h>

#include "tests/train/small_run.h"

namespace gan::train {
namespace {

io::MetricsRow row(double loss_real, double loss_fake) {
  return {.step = 100, .loss_real = loss_real, .loss_fake = loss_fake};
}

TEST(CollapseWatch, WarnsOnceWhenTheDiscriminatorHasWon) {
  CollapseWatch watch(small_spec());
  EXPECT_FALSE(watch.losses(row(0.01, 0.005)));
  EXPECT_FALSE(watch.losses(row(0.01, 0.005)));
  const auto warning = watch.losses(row(0.01, 0.005));
  ASSERT_TRUE(warning);
  EXPECT_THAT(*warning, testing::HasSubstr("step 100"));
  EXPECT_FALSE(watch.losses(row(0.01, 0.005)));
  EXPECT_FALSE(watch.losses(row(0.6, 0.6)));
  EXPECT_FALSE(watch.losses(row(0.001, 0.001)));
  EXPECT_FALSE(watch.losses(row(0.001, 0.001)));
  EXPECT_TRUE(watch.losses(row(0.001, 0.001)));
}

TEST(CollapseWatch, SaysNothingOfAnOpenGame) {
  CollapseWatch watch(small_spec());
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(watch.losses(row(0.3, 0.2)));
}

// Against a target of 0.9 a loss of 0.3251 is the least that there is.
TEST(CollapseWatch, KnowsTheLeastLossOfSmoothedLabels) {
  run::RunSpec spec = small_spec();
  spec.real_label = 0.9;
  CollapseWatch won(spec), open(spec);
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(won.losses(row(0.33, 0.005)));
  EXPECT_TRUE(won.losses(row(0.33, 0.005)));
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(open.losses(row(0.36, 0.02)));
}

// A loss without a label to smooth is told nothing of one.
TEST(CollapseWatch, JudgesScoresByTheirTargets) {
  for (const model::GanLoss loss : {model::GanLoss::least_squares, model::GanLoss::hinge}) {
    run::RunSpec spec = small_spec();
    spec.loss = loss;
    CollapseWatch won(spec), open(spec);
    for (int i = 0; i < 2; ++i) EXPECT_FALSE(won.losses(row(0.01, 0.005)));
    const auto warning = won.losses(row(0.01, 0.005));
    ASSERT_TRUE(warning);
    EXPECT_EQ(warning->find("--real-label") != std::string::npos,
              loss == model::GanLoss::least_squares);
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(open.losses(row(0.02, 0.02)));
  }
}

// Its loss is the negative of a distance.
TEST(CollapseWatch, LetsACriticWin) {
  run::RunSpec spec = small_spec();
  spec.loss = model::GanLoss::wasserstein;
  CollapseWatch watch(spec);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(watch.losses(row(-3, -2)));
}

TEST(CollapseWatch, WarnsWhenAllImagesAreAlike) {
  CollapseWatch watch(small_spec());
  std::vector<float> alike, different;
  for (std::size_t i = 0; i < 64; ++i)
    for (std::size_t p = 0; p < 20; ++p) {
      const auto pixel = static_cast<float>(p) / 20;
      alike.push_back(pixel + static_cast<float>(i % 2) * 1e-3f);
      different.push_back(i % 2 == 0 ? pixel : 0);
    }
  for (int epoch = 1; epoch <= 6; ++epoch) EXPECT_FALSE(watch.samples(alike, 20, epoch));
  EXPECT_FALSE(watch.samples(different, 20, 7));
  EXPECT_FALSE(watch.samples(alike, 20, 8));
  const auto warning = watch.samples(alike, 20, 9);
  ASSERT_TRUE(warning);
  EXPECT_THAT(*warning, testing::Not(testing::HasSubstr("beta1")));
  EXPECT_FALSE(watch.samples(alike, 20, 10));
  EXPECT_FALSE(watch.samples(different, 20, 11));
  EXPECT_FALSE(watch.samples(alike, 20, 20));
  EXPECT_TRUE(watch.samples(alike, 20, 30));
}

TEST(CollapseWatch, NamesAnUnusualBeta1) {
  run::RunSpec spec = small_spec();
  spec.beta1 = 0.5;
  CollapseWatch watch(spec);
  const std::vector<float> alike(40);
  EXPECT_FALSE(watch.samples(alike, 20, 10));
  const auto warning = watch.samples(alike, 20, 20);
  ASSERT_TRUE(warning);
  EXPECT_THAT(*warning, testing::HasSubstr("--seed, --beta1 0.9 or a --real-label of 0.9"));
}

TEST(CollapseWatch, NamesNoLabelWhereThereIsNone) {
  run::RunSpec spec = small_spec();
  spec.beta1 = 0.5;
  spec.loss = model::GanLoss::hinge;
  CollapseWatch watch(spec);
  const std::vector<float> alike(40);
  EXPECT_FALSE(watch.samples(alike, 20, 10));
  const auto warning = watch.samples(alike, 20, 20);
  ASSERT_TRUE(warning);
  EXPECT_THAT(*warning, testing::EndsWith("another --seed or --beta1 0.9"));
}

}  // namespace
}  // namespace gan::train
