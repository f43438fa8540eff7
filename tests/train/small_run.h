// A GAN so small that a test can train it many times over: 23 images of 5×4 pixels in batches of 8,
// 8 and 7.
#pragma once
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "host/train/trainer.h"

namespace gan::train {

inline data::Images small_images() {
  data::Images images{23, 5, 4, {}};
  for (int i = 0; i < 23 * 20; ++i)
    images.pixels.push_back(static_cast<std::uint8_t>(i * 37 % 251));
  for (int i = 0; i < 23; ++i) images.labels.push_back(static_cast<std::uint8_t>(i * i % 3));
  return images;
}

inline run::RunSpec small_spec() {
  run::RunSpec spec;
  spec.latent = 6;
  spec.generator_hidden = {9, 7};
  spec.discriminator_hidden = {5};
  spec.batch = 8;
  spec.data = {"small", 23, 5, 4, 0};
  spec.device = run::kCpu;
  spec.threads = 1;
  spec.log_every = 5;
  spec.sample_every = 2;
  spec.checkpoint_every = 3;
  spec.epochs = 10;  // 30 steps
  return spec;
}

// With two hidden layers in either network: what every engine can train.
inline run::RunSpec two_layer_spec() {
  run::RunSpec spec = small_spec();
  spec.discriminator_hidden = {5, 6};
  return spec;
}

// All ways to train that go together.
inline run::RunSpec everything_spec() {
  run::RunSpec spec = two_layer_spec();
  spec.generator_slope = spec.discriminator_slope = 0.2;
  spec.discriminator_dropout = 0.3;
  spec.real_label = 0.9;
  spec.r1 = 0.1;
  spec.r2 = 0.2;
  spec.decay = Decay::cosine;
  spec.resolve_decay();
  return spec;
}

// What goes together of the rest, with three updates of D in a row before each one of G.
inline run::RunSpec critic_spec() {
  run::RunSpec spec = two_layer_spec();
  spec.discriminator_slope = 0.2;
  spec.discriminator_dropout = 0.3;
  spec.loss = model::GanLoss::wasserstein;
  spec.gradient_penalty = 2;
  spec.penalty_last = 0.25;
  spec.clip = 0.3;
  spec.d_steps = 4;
  spec.optimiser = model::Optimiser::sgd;
  spec.rate_g = spec.rate_d = 0.05;
  spec.momentum_epochs = 5;
  spec.resolve_decay();
  return spec;
}

// The kinds of networks and of noise of the paper, and its optimiser.
inline run::RunSpec paper_spec() {
  run::RunSpec spec = two_layer_spec();
  spec.latent_distribution = model::LatentDistribution::uniform;
  spec.discriminator_maxout = 3;
  spec.discriminator_dropout = 0.5;
  spec.discriminator_input_dropout = 0.2;
  spec.generator_range = spec.discriminator_range = 0.5;
  spec.pixel_bias = true;
  spec.optimiser = model::Optimiser::sgd;
  spec.rate_g = spec.rate_d = 0.05;
  spec.momentum_epochs = 5;
  return spec;
}

// Both networks with classes, and updated at once.
inline run::RunSpec conditional_spec() {
  run::RunSpec spec = two_layer_spec();
  spec.conditional = true;
  spec.data.classes = {"0", "1", "2"};
  spec.simultaneous = true;
  spec.r1 = 0.1;
  return spec;
}

// In shards, some of which have no row of the last batch.
inline run::RunSpec sharded_spec() {
  run::RunSpec spec = everything_spec();
  spec.shards = 8;
  return spec;
}

// ‖w - w*‖/‖w*‖ of the weights or biases for which that is the largest.
inline double largest_difference(const std::vector<io::Tensor>& actual,
                                 const std::vector<io::Tensor>& expected) {
  double largest = 0;
  for (std::size_t t = 0; t < expected.size(); ++t) {
    const std::string& name = expected[t].name;
    if (name.find("adam_") != std::string::npos || name == "recent_losses" ||
        name.starts_with("generator.ema"))
      continue;
    double difference = 0, size = 0;
    for (std::size_t i = 0; i < expected[t].values.size(); ++i) {
      difference += std::pow(actual[t].values[i] - expected[t].values[i], 2);
      size += std::pow(expected[t].values[i], 2);
    }
    largest = std::max(largest, std::sqrt(difference / size));
  }
  return largest;
}

// Stops the run when its losses have been reported up to a step; by default never.
class StopAt : public Observer {
 public:
  explicit StopAt(std::int64_t step = -1) : step_(step) {}
  void losses(const io::MetricsRow& row) override { stop = row.step == step_; }
  void epoch_done(std::int64_t) override {}
  void warning(const std::string& line) override { warnings.push_back(line); }
  std::vector<std::string> warnings;
  std::atomic<bool> stop{false};

 private:
  std::int64_t step_;
};

// A folder of its own for each test, empty at its start.
inline std::filesystem::path test_folder() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  auto folder = std::filesystem::temp_directory_path() /
                (std::string("gan_cuda_") + test->test_suite_name() + "_" + test->name());
  std::filesystem::remove_all(folder);
  return folder;
}

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// metrics.csv without its last column, the speed.
inline std::string untimed_metrics(const run::RunFolder& folder) {
  std::istringstream table(bytes_of(folder.metrics()));
  std::string untimed;
  for (std::string row; std::getline(table, row);) untimed += row.substr(0, row.rfind(',')) + "\n";
  return untimed;
}

}  // namespace gan::train
