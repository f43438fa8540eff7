#include "host/eval/best_generator.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/base/support.h"
#include "tests/train/small_run.h"

namespace gan::eval {
namespace {

const Metric& metric(std::string_view key) {
  return *std::ranges::find(metrics(), key, &Metric::key);
}

class Best : public testing::Test {
 protected:
  BestGenerator by(std::string_view key) const { return {path_, metric(key), of_hundred_}; }
  BestGenerator resumed(std::string_view key, const run::RunSpec& spec) const {
    BestGenerator best{path_, metric(key), spec};
    best.resume();
    return best;
  }
  bool offer(BestGenerator& best, std::optional<double> value,
             run::GeneratorWeights weights = run::GeneratorWeights::trained) {
    engine_->run(1);
    return best.offer(*engine_, {engine_->step(), weights, value});
  }
  std::string kept(const std::string& key) const {
    return io::load_safetensors(path_).metadata.at(key);
  }

  static run::RunSpec evaluated_by(int samples) {
    run::RunSpec spec = train::small_spec();
    spec.eval_count = samples;
    return spec;
  }

  const run::RunSpec of_hundred_ = evaluated_by(100), of_fifty_ = evaluated_by(50);
  std::unique_ptr<train::Engine> engine_ =
      train::make_engine(train::small_spec(), train::small_images());
  base::TemporaryFolder folder_;
  std::filesystem::path path_ = folder_ / "model_G_best.safetensors";
};

TEST_F(Best, HigherIsBetterForAScore) {
  BestGenerator best = by("parzen_ll");
  EXPECT_TRUE(offer(best, -5));
  EXPECT_FALSE(offer(best, -6));
  EXPECT_FALSE(offer(best, -5)) << "the first of equals";
  EXPECT_TRUE(offer(best, 1.5));
  EXPECT_EQ(kept("step"), "4");
  EXPECT_EQ(kept("value"), "1.5");
  EXPECT_EQ(kept("measure"), "parzen_ll");
  EXPECT_EQ(kept("samples"), "100");
}

TEST_F(Best, LowerIsBetterForADistance) {
  for (const char* key : {"frechet", "kid", "class_kl"}) {
    BestGenerator best = by(key);
    EXPECT_TRUE(offer(best, 5)) << key;
    EXPECT_FALSE(offer(best, 6)) << key;
    EXPECT_TRUE(offer(best, 4)) << key;
  }
}

TEST_F(Best, IsTheGeneratorOfThatStepAndKind) {
  BestGenerator best = by("recall");
  for (const auto weights : {run::GeneratorWeights::trained, run::GeneratorWeights::average}) {
    const bool average = weights == run::GeneratorWeights::average;
    EXPECT_TRUE(offer(best, average ? 0.6 : 0.5, weights));
    const io::TensorFile model = io::load_safetensors(path_);
    const io::TensorFile state{engine_->state(), {}};
    ASSERT_EQ(model.tensors.size(), 6U);
    for (const io::Tensor& tensor : model.tensors)
      EXPECT_EQ(tensor.values,
                state.at((average ? "generator.ema." : "generator.") + tensor.name).values);
    EXPECT_EQ(kept("weights"), average ? "average" : "trained");
    engine_->run(3);
    EXPECT_FALSE(offer(best, 0.5));
  }
}

TEST_F(Best, IsNothingThatWasNotMeasured) {
  BestGenerator best = by("recall");
  EXPECT_FALSE(offer(best, std::nullopt));
  EXPECT_FALSE(offer(best, std::numeric_limits<double>::quiet_NaN()));
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(Best, IsReadBackSoThatAWorseOneDoesNotReplaceIt) {
  BestGenerator before = by("kid");
  offer(before, 0.1 + 0.2);
  BestGenerator best = resumed("kid", of_hundred_);
  EXPECT_FALSE(offer(best, 0.4));
  EXPECT_FALSE(offer(best, 0.1 + 0.2)) << "the value is kept to the bit";
  EXPECT_TRUE(offer(best, 0.3));
}

TEST_F(Best, BeginsAnewByAnotherFigureOrNumberOfSamples) {
  BestGenerator before = by("recall");
  offer(before, 0.9);
  BestGenerator metric = resumed("precision", of_hundred_), number = resumed("recall", of_fifty_);
  EXPECT_TRUE(offer(number, 0.1));
  EXPECT_TRUE(offer(metric, 0.2));
}

TEST_F(Best, RefusesAFileThatItDidNotWrite) {
  BestGenerator before = by("recall");
  offer(before, 0.9);
  const io::TensorFile whole = io::load_safetensors(path_);
  for (const auto& [key, value] : std::initializer_list<std::pair<std::string, std::string>>{
           {"value", "x"}, {"value", ""}, {"value", "1 "}, {"value", "nan"}, {"value", "1e999"}}) {
    io::TensorFile file = whole;
    file.metadata[key] = value;
    io::save_safetensors(path_, file);
    base::expect_error([&] { resumed("recall", of_hundred_); }, "model_G_best.safetensors",
                       "move it away");
  }
  for (const char* key : {"value", "measure", "samples"}) {
    io::TensorFile file = whole;
    file.metadata.erase(key);
    io::save_safetensors(path_, file);
    base::expect_error([&] { resumed("recall", of_hundred_); }, "model_G_best.safetensors",
                       "move it away");
  }
}

}  // namespace
}  // namespace gan::eval
