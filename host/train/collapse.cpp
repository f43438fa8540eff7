#include "host/train/collapse.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace gan::train {
namespace {

// Above the least loss.  With probabilities D gives the right answer 99 % on average there; its
// scores lie at their targets within a tenth, or beyond the hinge's margin.
constexpr double kWonLoss = 0.02;
constexpr int kReports = 3;
constexpr int kSheets = 2;
constexpr std::int64_t kFirstEpochs = 5;
constexpr double kAlike = 0.01;  // standard deviation of a pixel over the images; of digits, 0.2

double entropy(double p) {
  return p > 0 && p < 1 ? -p * std::log(p) - (1 - p) * std::log(1 - p) : 0;
}

// The least loss that D can have: none for wasserstein, the entropy of the target for real images
// if D gives probabilities, else 0.
double least_loss(const run::RunSpec& spec) {
  if (spec.loss == model::GanLoss::wasserstein) return -std::numeric_limits<double>::infinity();
  return model::judgement_of(spec.loss) == model::Judgement::score ? 0 : entropy(spec.real_label);
}

// The root of the mean over the pixels of their variance over the images.
double spread(std::span<const float> images, std::size_t pixels) {
  const std::size_t count = images.size() / pixels;
  double variance = 0;
  for (std::size_t p = 0; p < pixels; ++p) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const double value = static_cast<double>(images[i * pixels + p]);
      sum += value;
      squares += value * value;
    }
    const double mean = sum / static_cast<double>(count);
    variance += squares / static_cast<double>(count) - mean * mean;
  }
  return std::sqrt(std::max(0.0, variance / static_cast<double>(pixels)));
}

}  // namespace

CollapseWatch::CollapseWatch(const run::RunSpec& spec)
    : least_loss_(least_loss(spec)),
      has_label_(model::has_real_label(spec.loss)),
      beta1_(spec.beta1) {}

std::optional<std::string> CollapseWatch::losses(const io::MetricsRow& row) {
  won_ = row.loss_real + row.loss_fake < least_loss_ + kWonLoss ? won_ + 1 : 0;
  if (won_ != kReports) return std::nullopt;
  return fmt::format(
      "step {}: the discriminator is right about every image (loss {:.4f}), so the generator "
      "learns "
      "little; try {}--d-dropout 0.3 or a lower --lr-d",
      row.step, row.loss_real + row.loss_fake, has_label_ ? "--real-label 0.9, " : "");
}

std::optional<std::string> CollapseWatch::samples(std::span<const float> images, int pixels,
                                                  std::int64_t epoch) {
  const bool counts =
      epoch > kFirstEpochs && spread(images, static_cast<std::size_t>(pixels)) < kAlike;
  alike_ = counts ? alike_ + 1 : 0;
  if (alike_ != kSheets) return std::nullopt;
  constexpr double kUsual = 0.9;
  return fmt::format(
      "the generated images are all alike: the generator has collapsed; start a new run with "
      "another --seed{}{}",
      beta1_ < kUsual ? (has_label_ ? ", --beta1 0.9" : " or --beta1 0.9") : "",
      has_label_ ? " or a --real-label of 0.9" : "");
}

std::runtime_error diverged(std::int64_t step, const std::string& what) {
  return std::runtime_error(fmt::format(
      "training diverged before step {} ({}); begin a new run with a lower --lr: this one "
      "keeps its rates when it is resumed",
      step, what));
}

}  // namespace gan::train
