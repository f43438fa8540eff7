// The one value that describes a run.  The command line makes it, config.json and the checkpoint
// store it, the engines read it.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "host/base/errors.h"
#include "host/model/gan.h"
#include "host/model/network_shape.h"
#include "host/run/choices.h"

namespace gan::run {

// The training images: where they are and what they were, so that a resumed run sees the same.
struct DataSpec {
  std::string source;  // as --data takes it; empty: look in the usual places
  int count = 0, height = 0, width = 0;
  std::uint32_t crc32 = 0;  // of the pixels
  int image_size = 0;       // side of the squares they were scaled to; 0: they are as they were
  int wanted = 0;           // train on the first so many; 0: on all of them
  std::vector<std::string> classes = {};  // their names, of a conditional run
  std::uint32_t labels_crc32 = 0;         // of the labels of a conditional run

  int pixels() const { return height * width; }
};

// The steps first … last of a run, counted from 1.
struct StepRange {
  std::int64_t first, last;
};

// host/run/options.h has the name, the meaning and the range of every member.
struct RunSpec {
  bool conditional = false;
  int latent = 100;
  model::LatentDistribution latent_distribution = model::LatentDistribution::normal;
  std::vector<int> generator_hidden = {256, 256};
  std::vector<int> discriminator_hidden = {64, 64};
  double generator_slope = 0, discriminator_slope = 0;
  double discriminator_dropout = 0, discriminator_input_dropout = 0;
  int discriminator_maxout = 1;
  double generator_range = 0, discriminator_range = 0;
  bool pixel_bias = false;
  model::GanLoss loss = model::GanLoss::non_saturating;
  double real_label = 1;
  double r1 = 0, r2 = 0, gradient_penalty = 0;
  double penalty_last = 1;
  double clip = 0;
  int d_steps = 1;
  bool simultaneous = false;
  model::Optimiser optimiser = model::Optimiser::adam;
  double rate_g = 2e-4, rate_d = 2e-4;
  Decay decay = Decay::constant;
  double decay_epochs = 0, decay_last = 0.1;
  double beta1 = 0.9, beta2 = 0.999;
  double momentum = 0.5, momentum_last = 0.7, momentum_epochs = 0;
  double ema = 0.999;
  bool ema_warmup = true;
  int batch = 128;
  int shards = 1;
  Reduce reduce = Reduce::exact;
  bool shuffle = true;
  Precision precision = Precision::fp32;
  std::uint64_t seed = 1;
  DataSpec data;
  int log_every = 100;

  int epochs = 100;
  std::int64_t max_steps = 0;
  int sample_every = 10;
  int checkpoint_every = 10;
  int keep_checkpoints = 1;
  int eval_every = 0;
  std::vector<std::string> eval_groups = {"parzen"};
  int eval_count = 10'000;
  std::string keep_best = "parzen_ll";
  bool stop_on_collapse = false;
  std::string recipe = "seed";
  Device device;
  EngineKind engine = EngineKind::automatic;
  int threads = 0;

  // Sets decay_epochs, if they were left open, to the epochs of the run.
  void resolve_decay();

  model::NetworkShape generator() const;
  model::NetworkShape discriminator() const;  // gives logits
  model::StepSettings step_settings() const;

  std::int64_t steps_per_epoch() const { return (std::int64_t{data.count} + batch - 1) / batch; }
  std::int64_t total_steps() const;
};

// Throws UsageError, which names the option, when a value is impossible.
void validate(const RunSpec& spec);

// Throws UsageError when `now` is not the run that `before` was, naming the first option that
// differs.
void require_same_training(const RunSpec& before, const RunSpec& now);

nlohmann::json to_json(const RunSpec& spec);

// Options that a resumed run may change may be missing: an older version did not have them.
// Throws std::runtime_error when another key is missing, or one is unknown or of the wrong kind,
// and as validate() does: a stored run is held to what a given one is.
RunSpec run_spec_from_json(const nlohmann::json& json);

}  // namespace gan::run
