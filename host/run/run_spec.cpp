#include "host/run/run_spec.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

namespace gan::run {
namespace {

using nlohmann::json;

constexpr const char* kWarmup = "ema-warmup";

// One field under its name: the name of the option and of the key in config.json.  Every list of
// the fields, to write, to read or to compare, is a walk through these two functions.
template <class Spec, class Visit>
void for_each_of_mathematics(Spec& spec, Visit visit) {
  visit("latent", spec.latent);
  visit("g-hidden", spec.generator_hidden);
  visit("d-hidden", spec.discriminator_hidden);
  visit("g-slope", spec.generator_slope);
  visit("d-slope", spec.discriminator_slope);
  visit("d-dropout", spec.discriminator_dropout);
  visit("loss", spec.loss);
  visit("real-label", spec.real_label);
  visit("r1", spec.r1);
  visit("r2", spec.r2);
  visit("lr-g", spec.rate_g);
  visit("lr-d", spec.rate_d);
  visit("lr-decay", spec.decay);
  visit("lr-decay-epochs", spec.decay_epochs);
  visit("lr-last", spec.decay_last);
  visit("beta1", spec.beta1);
  visit("beta2", spec.beta2);
  visit("ema", spec.ema);
  visit(kWarmup, spec.ema_warmup);
  visit("batch", spec.batch);
  visit("shuffle", spec.shuffle);
  visit("precision", spec.precision);
  visit("seed", spec.seed);
  visit("image-size", spec.data.image_size);
  visit("data-count", spec.data.count);
  visit("data-height", spec.data.height);
  visit("data-width", spec.data.width);
  visit("data-crc32", spec.data.crc32);
  visit("log-every", spec.log_every);
}

template <class Spec, class Visit>
void for_each_of_manner(Spec& spec, Visit visit) {
  visit("stop-on-collapse", spec.stop_on_collapse);
  visit("recipe", spec.recipe);
  visit("data", spec.data.source);
  visit("epochs", spec.epochs);
  visit("max-steps", spec.max_steps);
  visit("sample-every", spec.sample_every);
  visit("checkpoint-every", spec.checkpoint_every);
  visit("keep-checkpoints", spec.keep_checkpoints);
  visit("eval-every", spec.eval_every);
  visit("eval-measures", spec.eval_groups);
  visit("eval-count", spec.eval_count);
  visit("keep-best", spec.keep_best);
  visit("device", spec.device);
  visit("engine", spec.engine);
  visit("threads", spec.threads);
}

// Not a field: it sets lr-g and lr-d.
constexpr const char* kBothRates = "lr";

// Sets a field if the value is of its kind and in its range.
bool assign(bool& field, const json& value) {
  if (!value.is_boolean()) return false;
  field = value.get<bool>();
  return true;
}
bool assign(std::string& field, const json& value) {
  if (!value.is_string()) return false;
  field = value.get<std::string>();
  return true;
}
bool assign(double& field, const json& value) {
  if (!value.is_number()) return false;
  field = value.get<double>();
  return true;
}
template <std::integral Integer>
bool assign(Integer& field, const json& value) {
  const bool fits =
      value.is_number_unsigned()
          ? std::in_range<Integer>(value.get<std::uint64_t>())
          : value.is_number_integer() && std::in_range<Integer>(value.get<std::int64_t>());
  if (fits) field = value.get<Integer>();
  return fits;
}
template <class T>
bool assign(std::vector<T>& field, const json& value) {
  if (!value.is_array()) return false;
  std::vector<T> values(value.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!assign(values[i], value[i])) return false;
  field = values;
  return true;
}

// A value for an error message: on one line, and not much of it.
std::string shortened(const json& value) {
  constexpr std::size_t kMost = 60;
  const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  return text.size() <= kMost ? text : text.substr(0, kMost) + "…";
}

void require(bool possible, const std::string& message) {
  if (!possible) throw base::UsageError(message);
}

void require_at_least(const char* option, std::int64_t value, std::int64_t least) {
  require(value >= least, fmt::format("--{} must be at least {}, not {}", option, least, value));
}

void require_widths(const char* option, const std::vector<int>& widths) {
  for (const int width : widths)
    require(width >= 1 && width <= 65536,
            fmt::format("--{}: a layer of width {} is not between 1 and 65536", option, width));
}

// A layer costs memory and time even where it has hardly a weight.
void require_layers(const char* option, const std::vector<int>& widths) {
  constexpr std::size_t kMostLayers = 256;
  require(widths.size() <= kMostLayers,
          fmt::format("--{}: {} layers are more than {}", option, widths.size(), kMostLayers));
  require_widths(option, widths);
}

void require_data(const DataSpec& data) {
  constexpr int kMostSide = 1 << 16;
  require(data.count >= 1,
          fmt::format("the number of training images must be at least 1, not {}", data.count));
  for (const int side : {data.height, data.width})
    require(side >= 1 && side <= kMostSide,
            fmt::format("images of {}×{} pixels are not between 1×1 and {}×{}", data.height,
                        data.width, kMostSide, kMostSide));
  require(std::int64_t{data.height} * data.width <= std::numeric_limits<int>::max(),
          fmt::format("images of {}×{} pixels are too large", data.height, data.width));
}

void require_rate(const char* option, double rate) {
  require(std::isfinite(rate) && rate > 0,
          fmt::format("--{} must be a positive number, not {}", option, rate));
}

// The value of a name.
template <class Value, std::size_t n>
Value named(const char* option, const std::string& name,
            const std::pair<const char*, Value> (&values)[n]) {
  std::string names;
  for (const auto& [known, value] : values) {
    if (name == known) return value;
    names += (names.empty() ? "" : ", ") + std::string(known);
  }
  throw base::UsageError(fmt::format("--{}: there is no \"{}\", only {}", option, name, names));
}

model::GanLoss loss_named(const std::string& name) {
  return named<model::GanLoss>("loss", name,
                               {{"non-saturating", model::GanLoss::non_saturating},
                                {"minimax", model::GanLoss::minimax},
                                {"relativistic", model::GanLoss::relativistic}});
}

Decay decay_named(const std::string& name) {
  return named<Decay>("lr-decay", name,
                      {{"constant", Decay::constant},
                       {"linear", Decay::linear},
                       {"cosine", Decay::cosine},
                       {"exponential", Decay::exponential}});
}

// In [0, 1).
void require_share(const char* option, double value) {
  require(value >= 0 && value < 1, fmt::format("--{} must be in [0, 1), not {}", option, value));
}

void require_losses(const RunSpec& spec) {
  const model::GanLoss loss = loss_named(spec.loss);
  require(spec.real_label > 0 && spec.real_label <= 1,
          fmt::format("--real-label must be in (0, 1], not {}", spec.real_label));
  require(loss != model::GanLoss::relativistic || spec.real_label == 1,
          "--real-label is for losses that judge an image alone: --loss relativistic has no label "
          "to smooth");
  for (const auto& [option, weight] : {std::pair{"r1", spec.r1}, {"r2", spec.r2}})
    require(std::isfinite(weight) && weight >= 0,
            fmt::format("--{} must be a number from 0 on, not {}", option, weight));
}

void require_decay(const RunSpec& spec) {
  const Decay decay = decay_named(spec.decay);
  require(std::isfinite(spec.decay_epochs) && spec.decay_epochs >= 0,
          fmt::format("--lr-decay-epochs must be a number from 0 on, not {}", spec.decay_epochs));
  require(spec.decay_last >= 0 && spec.decay_last <= 1,
          fmt::format("--lr-last must be in [0, 1], not {}", spec.decay_last));
  require(decay != Decay::exponential || spec.decay_last > 0,
          "--lr-last must be above 0 with --lr-decay exponential, which never gets to 0");
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

void RunSpec::resolve() {
  if (decay != "constant" && decay_epochs == 0) decay_epochs = epochs;
}

Precision precision_named(const std::string& name) {
  return named<Precision>(
      "precision", name,
      {{"fp32", Precision::fp32}, {"tf32", Precision::tf32}, {"3xtf32", Precision::tf32x3}});
}

model::NetworkShape RunSpec::generator() const {
  return {latent, generator_hidden, data.pixels(), model::Activation::sigmoid, generator_slope};
}

model::NetworkShape RunSpec::discriminator() const {
  return {data.pixels(), discriminator_hidden, 1, model::Activation::none, discriminator_slope};
}

model::StepSettings RunSpec::step_settings() const {
  const auto adam = [this](double rate) {
    return AdamSettings{.rate = rate, .beta1 = beta1, .beta2 = beta2};
  };
  return {.batch = batch,
          .ring = log_every,
          .seed = seed,
          .loss = loss_named(loss),
          .real_label = real_label,
          .dropout = discriminator_dropout,
          .r1 = r1,
          .r2 = r2,
          .averaging = {ema, ema_warmup ? Averaging::Start::as_mean : Averaging::Start::at_once},
          .generator = adam(rate_g),
          .discriminator = adam(rate_d),
          .schedule = {decay_named(decay),
                       std::max(1.0, decay_epochs * static_cast<double>(steps_per_epoch())),
                       decay_last}};
}

std::int64_t RunSpec::total_steps() const {
  const std::int64_t all = std::int64_t{epochs} * steps_per_epoch();
  return max_steps > 0 ? std::min(all, max_steps) : all;
}

void validate(const RunSpec& spec) {
  require_data(spec.data);
  require_at_least("batch", spec.batch, 1);
  require_at_least("epochs", spec.epochs, 1);
  require_at_least("max-steps", spec.max_steps, 0);
  require_at_least("latent", spec.latent, 1);
  require_at_least("log-every", spec.log_every, 1);
  require_at_least("sample-every", spec.sample_every, 0);
  require_at_least("checkpoint-every", spec.checkpoint_every, 0);
  require_at_least("keep-checkpoints", spec.keep_checkpoints, 1);
  require_at_least("eval-every", spec.eval_every, 0);
  require_at_least("threads", spec.threads, 0);
  require(
      spec.batch <= spec.data.count,
      fmt::format("--batch {} is more than the {} training images", spec.batch, spec.data.count));
  require_widths("latent", {spec.latent});
  require_layers("g-hidden", spec.generator_hidden);
  require_layers("d-hidden", spec.discriminator_hidden);
  require_addressable(spec);
  require_rate("lr-g", spec.rate_g);
  require_rate("lr-d", spec.rate_d);
  for (const auto& [option, value] : {std::pair{"beta1", spec.beta1},
                                      {"beta2", spec.beta2},
                                      {"ema", spec.ema},
                                      {"g-slope", spec.generator_slope},
                                      {"d-slope", spec.discriminator_slope},
                                      {"d-dropout", spec.discriminator_dropout}})
    require_share(option, value);
  precision_named(spec.precision);
  require_losses(spec);
  require_decay(spec);
  constexpr int kMostThreads = 1024;
  require(spec.threads <= kMostThreads,
          fmt::format("--threads must be at most {}, not {}", kMostThreads, spec.threads));
  require(spec.log_every <= 1 << 20,
          fmt::format("--log-every must be at most {}, not {}", 1 << 20, spec.log_every));
}

void require_same_mathematics(const RunSpec& before, const RunSpec& now) {
  nlohmann::ordered_json was, is;
  for_each_of_mathematics(before, [&](const char* name, const auto& value) { was[name] = value; });
  for_each_of_mathematics(now, [&](const char* name, const auto& value) { is[name] = value; });
  for (const auto& [name, value] : was.items()) {
    if (is[name] == value) continue;
    require(!name.starts_with("data-"),
            "the training images are not those this run was trained on");
    throw base::UsageError(
        fmt::format("--{} cannot change when a run is resumed: it was {}, not {}", name,
                    value.dump(), is[name].dump()));
  }
}

json to_json(const RunSpec& spec) {
  json fields;
  const auto write = [&](const char* name, const auto& value) { fields[name] = value; };
  for_each_of_mathematics(spec, write);
  for_each_of_manner(spec, write);
  return fields;
}

std::vector<std::string> field_names() {
  std::vector<std::string> names = {kBothRates};
  const RunSpec spec;
  const auto note = [&](const char* name, const auto&) { names.emplace_back(name); };
  for_each_of_mathematics(spec, note);
  for_each_of_manner(spec, note);
  return names;
}

void set_field(RunSpec& spec, const std::string& name, const json& value) {
  if (name == kBothRates) {
    if (!assign(spec.rate_g, value))
      throw base::UsageError(fmt::format("{} cannot be {}", name, shortened(value)));
    spec.rate_d = spec.rate_g;
    return;
  }
  bool known = false;
  const auto set = [&](const char* field, auto& target) {
    if (name != field) return;
    known = true;
    if (!assign(target, value))
      throw base::UsageError(fmt::format("{} cannot be {}", name, shortened(value)));
  };
  for_each_of_mathematics(spec, set);
  for_each_of_manner(spec, set);
  if (!known) throw UnknownField("there is no option " + name);
}

RunSpec run_spec_from_json(const json& fields) {
  RunSpec spec;
  std::size_t known = 0;
  const auto read_if_there = [&](const char* name, auto& value) {
    if (!fields.contains(name)) return;
    if (!assign(value, fields.at(name)))
      throw std::runtime_error(
          fmt::format("the configuration's \"{}\" is {}", name, shortened(fields.at(name))));
    ++known;
  };
  const auto read = [&](const char* name, auto& value) {
    if (!fields.contains(name) && std::string_view(name) != kWarmup)
      throw std::runtime_error(fmt::format("the configuration lacks \"{}\"", name));
    read_if_there(name, value);
  };
  if (!fields.is_object()) throw std::runtime_error("the configuration is no JSON object");
  spec.ema_warmup = false;  // of a run from before there was one, which resumes as it was
  for_each_of_mathematics(spec, read);
  for_each_of_manner(spec, read_if_there);
  if (fields.size() != known)
    throw std::runtime_error("the configuration has keys that this version does not know");
  validate(spec);
  return spec;
}

}  // namespace gan::run
