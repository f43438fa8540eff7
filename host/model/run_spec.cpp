#include "host/model/run_spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace gan {
namespace {

using nlohmann::json;

// One field under its name: the name of the option and of the key in config.json.  Every list of
// the fields, to write, to read or to compare, is a walk through these two functions.
template <class Spec, class Visit>
void for_each_of_mathematics(Spec& spec, Visit visit) {
  visit("latent", spec.latent);
  visit("g-hidden", spec.generator_hidden);
  visit("d-hidden", spec.discriminator_hidden);
  visit("loss", spec.loss);
  visit("lr-g", spec.rate_g);
  visit("lr-d", spec.rate_d);
  visit("beta1", spec.beta1);
  visit("beta2", spec.beta2);
  visit("ema", spec.ema);
  visit("batch", spec.batch);
  visit("shuffle", spec.shuffle);
  visit("seed", spec.seed);
  visit("data-count", spec.data.count);
  visit("data-height", spec.data.height);
  visit("data-width", spec.data.width);
  visit("data-crc32", spec.data.crc32);
  visit("log-every", spec.log_every);
}

template <class Spec, class Visit>
void for_each_of_manner(Spec& spec, Visit visit) {
  visit("data", spec.data.source);
  visit("epochs", spec.epochs);
  visit("max-steps", spec.max_steps);
  visit("sample-every", spec.sample_every);
  visit("checkpoint-every", spec.checkpoint_every);
  visit("eval-every", spec.eval_every);
  visit("eval-measures", spec.eval_measures);
  visit("eval-count", spec.eval_count);
  visit("keep-best", spec.keep_best);
  visit("device", spec.device);
  visit("engine", spec.engine);
  visit("threads", spec.threads);
}

void require(bool possible, const std::string& message) {
  if (!possible) throw UsageError(message);
}

void require_at_least(const char* option, std::int64_t value, std::int64_t least) {
  require(value >= least, fmt::format("--{} must be at least {}, not {}", option, least, value));
}

void require_widths(const char* option, const std::vector<int>& widths) {
  for (const int width : widths)
    require(width >= 1 && width <= 65536,
            fmt::format("--{}: a layer of width {} is not between 1 and 65536", option, width));
}

void require_rate(const char* option, double rate) {
  require(std::isfinite(rate) && rate > 0,
          fmt::format("--{} must be a positive number, not {}", option, rate));
}

// Every size in the step, such as rows times width, is an int for the matrix products.
void require_addressable(const RunSpec& spec) {
  int widest = std::max(spec.latent, spec.data.pixels());
  for (const auto* widths : {&spec.generator_hidden, &spec.discriminator_hidden})
    for (const int width : *widths) widest = std::max(widest, width);
  require(3 * static_cast<std::int64_t>(spec.batch) * widest <= std::numeric_limits<int>::max(),
          fmt::format("--batch {} is too large for layers of width {}", spec.batch, widest));
}

}  // namespace

NetworkShape RunSpec::generator() const {
  return {latent, generator_hidden, data.pixels(), Activation::sigmoid};
}

NetworkShape RunSpec::discriminator() const {
  return {data.pixels(), discriminator_hidden, 1, Activation::none};
}

StepSettings RunSpec::step_settings() const {
  const auto adam = [this](double rate) {
    return AdamSettings{.rate = rate, .beta1 = beta1, .beta2 = beta2};
  };
  return {.batch = batch,
          .ring = log_every,
          .seed = seed,
          .ema = ema,
          .generator = adam(rate_g),
          .discriminator = adam(rate_d)};
}

std::int64_t RunSpec::total_steps() const {
  const std::int64_t all = std::int64_t{epochs} * steps_per_epoch();
  return max_steps > 0 ? std::min(all, max_steps) : all;
}

void validate(const RunSpec& spec) {
  require_at_least("batch", spec.batch, 1);
  require_at_least("epochs", spec.epochs, 1);
  require_at_least("max-steps", spec.max_steps, 0);
  require_at_least("latent", spec.latent, 1);
  require_at_least("log-every", spec.log_every, 1);
  require_at_least("sample-every", spec.sample_every, 0);
  require_at_least("checkpoint-every", spec.checkpoint_every, 0);
  require_at_least("eval-every", spec.eval_every, 0);
  require_at_least("threads", spec.threads, 0);
  require(
      spec.batch <= spec.data.count,
      fmt::format("--batch {} is more than the {} training images", spec.batch, spec.data.count));
  require_widths("latent", {spec.latent});
  require_widths("g-hidden", spec.generator_hidden);
  require_widths("d-hidden", spec.discriminator_hidden);
  require_addressable(spec);
  require_rate("lr-g", spec.rate_g);
  require_rate("lr-d", spec.rate_d);
  require(spec.beta1 >= 0 && spec.beta1 < 1,
          fmt::format("--beta1 must be in [0, 1), not {}", spec.beta1));
  require(spec.beta2 >= 0 && spec.beta2 < 1,
          fmt::format("--beta2 must be in [0, 1), not {}", spec.beta2));
  require(spec.ema >= 0 && spec.ema < 1, fmt::format("--ema must be in [0, 1), not {}", spec.ema));
  require(spec.log_every <= 1 << 20,
          fmt::format("--log-every must be at most {}, not {}", 1 << 20, spec.log_every));
}

void require_same_mathematics(const RunSpec& before, const RunSpec& now) {
  json was, is;
  for_each_of_mathematics(before, [&](const char* name, const auto& value) { was[name] = value; });
  for_each_of_mathematics(now, [&](const char* name, const auto& value) { is[name] = value; });
  for (const auto& [name, value] : was.items()) {
    if (is[name] == value) continue;
    require(!name.starts_with("data-"),
            "the training images are not those this run was trained on");
    throw UsageError(fmt::format("--{} cannot change when a run is resumed: it was {}, not {}",
                                 name, value.dump(), is[name].dump()));
  }
}

json to_json(const RunSpec& spec) {
  json fields;
  const auto write = [&](const char* name, const auto& value) { fields[name] = value; };
  for_each_of_mathematics(spec, write);
  for_each_of_manner(spec, write);
  return fields;
}

RunSpec run_spec_from_json(const json& fields) {
  RunSpec spec;
  std::size_t known = 0;
  const auto read = [&](const char* name, auto& value) {
    if (!fields.contains(name))
      throw std::runtime_error(fmt::format("the configuration lacks \"{}\"", name));
    try {
      fields.at(name).get_to(value);
    } catch (const json::exception&) {
      throw std::runtime_error(
          fmt::format("the configuration's \"{}\" is {}", name, fields.at(name).dump()));
    }
    ++known;
  };
  if (!fields.is_object()) throw std::runtime_error("the configuration is no JSON object");
  for_each_of_mathematics(spec, read);
  for_each_of_manner(spec, read);
  if (fields.size() != known)
    throw std::runtime_error("the configuration has keys that this version does not know");
  return spec;
}

}  // namespace gan
