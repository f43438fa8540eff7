#include "host/run/run_spec.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>

#include "host/run/options.h"

namespace gan::run {
namespace {

using nlohmann::json;

// Options that came after the first runs.  Those runs resume with what they were trained by: the
// default, but without the warm-up.
constexpr auto kLater = std::to_array<std::string_view>({"ema-warmup",
                                                         "train-images",
                                                         "gradient-penalty",
                                                         "penalty-last",
                                                         "clip",
                                                         "d-steps",
                                                         "simultaneous",
                                                         "optimiser",
                                                         "momentum",
                                                         "momentum-last",
                                                         "momentum-epochs",
                                                         "latent-distribution",
                                                         "d-input-dropout",
                                                         "d-maxout",
                                                         "g-init",
                                                         "d-init",
                                                         "g-pixel-bias",
                                                         "conditional",
                                                         "data-classes",
                                                         "data-labels-crc32",
                                                         "shards"});

void require_data(const DataSpec& data) {
  constexpr int kMostSide = 1 << 16;
  base::require(
      data.count >= 1,
      fmt::format("the number of training images must be at least 1, not {}", data.count));
  for (const int side : {data.height, data.width})
    base::require(side >= 1 && side <= kMostSide,
                  fmt::format("images of {}×{} pixels are not between 1×1 and {}×{}", data.height,
                              data.width, kMostSide, kMostSide));
  base::require(std::int64_t{data.height} * data.width <= std::numeric_limits<int>::max(),
                fmt::format("images of {}×{} pixels are too large", data.height, data.width));
}

// `is_conditional` tells whether the run looks at classes at all.
void require_classes(const DataSpec& data, bool is_conditional) {
  base::require(is_conditional || data.classes.empty(),
                "a run that is not --conditional has no data-classes");
  base::require(!is_conditional || data.classes.size() >= 2,
                fmt::format("--conditional needs images of two classes or more, not of {}",
                            data.classes.size()));
  base::require(std::ssize(data.classes) <= kMostClasses,
                fmt::format("{} classes are more than {}", data.classes.size(), kMostClasses));
}

// Every size in the step, such as rows times width, is an int for the matrix products.
void require_addressable(const RunSpec& spec) {
  std::int64_t widest = std::max(spec.latent, spec.data.pixels());
  for (const int width : spec.generator_hidden) widest = std::max<std::int64_t>(widest, width);
  for (const int width : spec.discriminator_hidden)
    widest = std::max(widest, std::int64_t{width} * spec.discriminator_maxout);
  const std::int64_t parts = spec.gradient_penalty > 0 ? 4 : 3;
  base::require(parts * spec.batch * widest <= std::numeric_limits<int>::max(),
                fmt::format("--batch {} is too large for layers of width {}", spec.batch, widest));
}

// What the options of the networks ask of each other.
void require_networks(const RunSpec& spec) {
  base::require(spec.discriminator_maxout == 1 || spec.discriminator_slope == 0,
                "--d-slope is of ReLU: --d-maxout units have no slope of their own");
}

// What the loss, its penalties and the turns of the networks ask of each other.
void require_game(const RunSpec& spec) {
  base::require(model::has_real_label(spec.loss) || spec.real_label == 1,
                fmt::format("--real-label is for losses with a label: --loss {} has none to smooth",
                            name_of(spec.loss)));
  const bool is_penalised = spec.r1 > 0 || spec.r2 > 0;
  base::require(!is_penalised || spec.gradient_penalty == 0,
                "--gradient-penalty cannot be combined with --r1 or --r2: choose one");
  base::require(spec.loss != model::GanLoss::wasserstein || is_penalised || spec.clip > 0 ||
                    spec.gradient_penalty > 0,
                "--loss wasserstein needs a bound on the discriminator: --gradient-penalty 10, "
                "--clip 0.01 or --r1");
  base::require(
      spec.log_every >= spec.d_steps,
      fmt::format("--log-every {} is less than --d-steps {}: a row of metrics needs an update of "
                  "the generator",
                  spec.log_every, spec.d_steps));
}

}  // namespace

void RunSpec::resolve_decay() {
  if ((decay != Decay::constant || penalty_last < 1) && decay_epochs == 0) decay_epochs = epochs;
}

model::NetworkShape RunSpec::generator() const {
  return {latent,
          generator_hidden,
          data.pixels(),
          model::Activation::sigmoid,
          {generator_slope},
          static_cast<int>(data.classes.size())};
}

model::NetworkShape RunSpec::discriminator() const {
  return {data.pixels(),
          discriminator_hidden,
          1,
          model::Activation::none,
          {discriminator_slope, discriminator_maxout},
          static_cast<int>(data.classes.size())};
}

model::StepSettings RunSpec::step_settings() const {
  const auto adam = [this](double rate) {
    return AdamSettings{
        .rate = rate, .beta1 = optimiser == model::Optimiser::rmsprop ? 0 : beta1, .beta2 = beta2};
  };
  const double epoch_steps = static_cast<double>(steps_per_epoch());
  const double decay_steps = std::max(1.0, decay_epochs * epoch_steps);
  return {.batch = batch,
          .shards = shards,
          .ring = log_every,
          .seed = seed,
          .loss = loss,
          .real_label = real_label,
          .dropout = discriminator_dropout,
          .input_dropout = discriminator_input_dropout,
          .latent = latent_distribution,
          .generator_range = generator_range,
          .discriminator_range = discriminator_range,
          .r1 = r1,
          .r2 = r2,
          .gradient_penalty = gradient_penalty,
          .penalty_schedule = {penalty_last < 1 ? Decay::linear : Decay::constant, decay_steps,
                               penalty_last},
          .clip = clip,
          .d_steps = d_steps,
          .simultaneous = simultaneous,
          .averaging = {ema, ema_warmup ? Averaging::Start::as_mean : Averaging::Start::at_once},
          .optimiser = optimiser,
          .generator = adam(rate_g),
          .discriminator = adam(rate_d),
          .momentum = {momentum, momentum_epochs > 0 ? momentum_last : momentum,
                       std::max(1.0, momentum_epochs), epoch_steps},
          .schedule = {decay, decay_steps, decay_last}};
}

std::int64_t RunSpec::total_steps() const {
  const std::int64_t all = std::int64_t{epochs} * steps_per_epoch();
  return max_steps > 0 ? std::min(all, max_steps) : all;
}

void validate(const RunSpec& spec) {
  require_data(spec.data);
  require_classes(spec.data, spec.conditional);
  for (const Option& option : options()) require_in_range(option, spec);
  base::require(
      spec.batch <= spec.data.count,
      fmt::format("--batch {} is more than the {} training images", spec.batch, spec.data.count));
  base::require(spec.shards <= spec.batch,
                fmt::format("--shards {} is more than --batch {}", spec.shards, spec.batch));
  require_addressable(spec);
  require_networks(spec);
  require_game(spec);
  base::require(spec.decay != Decay::exponential || spec.decay_last > 0,
                "--lr-last must be above 0 with --lr-decay exponential, which never reaches 0");
}

void require_same_training(const RunSpec& before, const RunSpec& now) {
  for (const Option& option : options()) {
    if (option.on_resume != OnResume::kept) continue;
    const json was = value_of(option, before), is = value_of(option, now);
    if (was == is) continue;
    base::require(!option.name.starts_with("data-"),
                  "the training images are not those this run was trained on");
    throw base::UsageError(
        fmt::format("--{} cannot change when a run is resumed: it was {}, not {}", option.name,
                    was.dump(), is.dump()));
  }
}

json to_json(const RunSpec& spec) {
  json values;
  for (const Option& option : options()) values[option.name] = value_of(option, spec);
  return values;
}

RunSpec run_spec_from_json(const json& values) {
  if (!values.is_object()) throw std::runtime_error("the configuration is not a JSON object");
  RunSpec spec;
  spec.ema_warmup = false;
  std::size_t known = 0;
  for (const Option& option : options()) {
    const auto value = values.find(option.name);
    if (value != values.end()) {
      set_value(option, spec, *value);
      ++known;
    } else if (option.on_resume == OnResume::kept &&
               std::ranges::find(kLater, option.name) == kLater.end()) {
      throw std::runtime_error(fmt::format("the configuration lacks \"{}\"", option.name));
    }
  }
  if (values.size() != known)
    throw std::runtime_error("the configuration has keys that this version does not know");
  validate(spec);
  return spec;
}

}  // namespace gan::run
