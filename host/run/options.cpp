#include "host/run/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

namespace gan::run {
namespace {

using nlohmann::json;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr Range kPositive{0, kInfinity, Range::Bounds::open_below};
constexpr Range kNotNegative{0};
constexpr Range kShare{0, 1, Range::Bounds::open_above};
constexpr Range kWidth{1, 65536};
constexpr Range kFromOne{1};

using enum Group;
using enum OnResume;

// Of the form {name, member, group, on resume, help, range}.
constexpr Option kOptions[] = {
    {"recipe", [](RunSpec& s) -> Field { return &s.recipe; }, start, may_vary,
     "Settings to begin with: {}"},

    {"latent", [](RunSpec& s) -> Field { return &s.latent; }, networks, kept,
     "Length of the latent vector z", kWidth},
    {"g-hidden", [](RunSpec& s) -> Field { return &s.generator_hidden; }, networks, kept,
     "Widths of the generator's hidden layers", kWidth},
    {"d-hidden", [](RunSpec& s) -> Field { return &s.discriminator_hidden; }, networks, kept,
     "Widths of the discriminator's hidden layers", kWidth},
    {"g-slope", [](RunSpec& s) -> Field { return &s.generator_slope; }, networks, kept,
     "Slope of the generator's LeakyReLU below 0 (0: ReLU)", kShare},
    {"d-slope", [](RunSpec& s) -> Field { return &s.discriminator_slope; }, networks, kept,
     "Slope of the discriminator's LeakyReLU below 0 (0: ReLU)", kShare},
    {"d-dropout", [](RunSpec& s) -> Field { return &s.discriminator_dropout; }, networks, kept,
     "Dropout rate after the discriminator's hidden layers", kShare},

    {"loss", [](RunSpec& s) -> Field { return &s.loss; }, loss, kept,
     "Loss of both networks: {}. minimax is algorithm 1 of the paper; relativistic compares pairs "
     "of a real and a generated image"},
    {"real-label",
     [](RunSpec& s) -> Field { return &s.real_label; },
     loss,
     kept,
     "The discriminator's target for real images; 0.9 is one-sided label smoothing",
     {0, 1, Range::Bounds::open_below}},
    {"r1", [](RunSpec& s) -> Field { return &s.r1; }, loss, kept,
     "Weight γ of the penalty γ/2·mean‖∇D‖² at real images", kNotNegative},
    {"r2", [](RunSpec& s) -> Field { return &s.r2; }, loss, kept,
     "Weight γ of the same penalty at generated images", kNotNegative},

    {"batch", [](RunSpec& s) -> Field { return &s.batch; }, training, kept,
     "Images in a batch; the smaller last batch of an epoch is trained on, too", kFromOne},
    {"epochs", [](RunSpec& s) -> Field { return &s.epochs; }, training, may_vary,
     "Passes over the training images, in all", kFromOne},
    {"max-steps", [](RunSpec& s) -> Field { return &s.max_steps; }, training, may_vary,
     "Stop after this many steps, in all (0: only the epochs count)", kNotNegative},
    {"lr-g", [](RunSpec& s) -> Field { return &s.rate_g; }, training, kept,
     "Adam's learning rate of the generator", kPositive},
    {"lr-d", [](RunSpec& s) -> Field { return &s.rate_d; }, training, kept,
     "Adam's learning rate of the discriminator", kPositive},
    {"lr-decay", [](RunSpec& s) -> Field { return &s.decay; }, training, kept,
     "How the learning rates fall: {}"},
    {"lr-decay-epochs", [](RunSpec& s) -> Field { return &s.decay_epochs; }, training, kept,
     "Epochs over which the learning rates fall (0: all of the run)", kNotNegative},
    {"lr-last",
     [](RunSpec& s) -> Field { return &s.decay_last; },
     training,
     kept,
     "Share of the learning rates that is left at the end of the decay",
     {0, 1}},
    {"beta1", [](RunSpec& s) -> Field { return &s.beta1; }, training, kept,
     "Adam's decay of the first moment", kShare},
    {"beta2", [](RunSpec& s) -> Field { return &s.beta2; }, training, kept,
     "Adam's decay of the second moment", kShare},
    {"ema", [](RunSpec& s) -> Field { return &s.ema; }, training, kept,
     "Decay of the generator's moving average (0: none); training does not depend on it", kShare},
    {"ema-warmup", [](RunSpec& s) -> Field { return &s.ema_warmup; }, training, kept,
     "The moving average is the plain mean of all steps so far until its decay is the smaller of "
     "the two, so that it does not hold initial weights"},
    {"seed", [](RunSpec& s) -> Field { return &s.seed; }, training, kept,
     "Seed of every random draw"},
    {"shuffle", [](RunSpec& s) -> Field { return &s.shuffle; }, training, kept,
     "Visit the images in a new random order in every epoch, not in the order of the file"},
    {"stop-on-collapse", [](RunSpec& s) -> Field { return &s.stop_on_collapse; }, training,
     may_vary,
     "End with exit code 1 when the discriminator is never wrong or all images are alike; without "
     "it the program warns and continues. A resumed run keeps the setting"},

    {"data", [](RunSpec& s) -> Field { return &s.data.source; }, device, may_vary,
     "The training images: a folder with the four MNIST files or with PNG and JPEG files, or "
     "built-in for the program's own digits (by default data/mnist, then $GAN_MNIST_DIR, then "
     "built-in)"},
    {"image-size", [](RunSpec& s) -> Field { return &s.data.image_size; }, device, kept,
     "Crop every image to its middle square and scale it to N×N pixels (0: take it as it is)"},
    {"device", [](RunSpec& s) -> Field { return &s.device; }, device, may_vary,
     "Where the run computes: auto, cpu, cuda or cuda:N"},
    {"engine", [](RunSpec& s) -> Field { return &s.engine; }, device, may_vary,
     "How a GPU gets its work: {}. A CPU has plain"},
    {"precision", [](RunSpec& s) -> Field { return &s.precision; }, device, kept,
     "Precision of the matrix products: fp32; on a GPU's tensor cores tf32 or, with the engines "
     "fused and persistent, 3xtf32, which is nearly as exact as fp32"},
    {"threads",
     [](RunSpec& s) -> Field { return &s.threads; },
     device,
     may_vary,
     "Threads on a CPU (0: the processors that affinity and control group allow, at most 4). The "
     "number changes no byte of the results",
     {0, 1024}},

    {"eval-every", [](RunSpec& s) -> Field { return &s.eval_every; }, evaluation, may_vary,
     "Epochs between two evaluations of the generator and its moving average (0: none)",
     kNotNegative},
    {"eval-measures", [](RunSpec& s) -> Field { return &s.eval_groups; }, evaluation, may_vary,
     "What is measured: some of {}"},
    {"eval-count", [](RunSpec& s) -> Field { return &s.eval_count; }, evaluation, may_vary,
     "Samples that are evaluated"},
    {"keep-best", [](RunSpec& s) -> Field { return &s.keep_best; }, evaluation, may_vary,
     "Metric by which model_G_best.safetensors is kept: {}"},

    {"log-every",
     [](RunSpec& s) -> Field { return &s.log_every; },
     output,
     kept,
     "Steps between two rows of metrics.csv, which hold the means of the steps in between",
     {1, 1 << 20}},
    {"sample-every", [](RunSpec& s) -> Field { return &s.sample_every; }, output, may_vary,
     "Epochs between two sample sheets (0: none)", kNotNegative},
    {"checkpoint-every", [](RunSpec& s) -> Field { return &s.checkpoint_every; }, output, may_vary,
     "Epochs between two checkpoints (0: only at the end)", kNotNegative},
    {"keep-checkpoints", [](RunSpec& s) -> Field { return &s.keep_checkpoints; }, output, may_vary,
     "Checkpoints that are kept: checkpoint.safetensors, the newest, and older ones as "
     "checkpoint_<step>.safetensors",
     kFromOne},

    {"data-count", [](RunSpec& s) -> Field { return &s.data.count; }, not_shown, kept,
     "Training images"},
    {"data-height", [](RunSpec& s) -> Field { return &s.data.height; }, not_shown, kept,
     "Their height in pixels"},
    {"data-width", [](RunSpec& s) -> Field { return &s.data.width; }, not_shown, kept,
     "Their width in pixels"},
    {"data-crc32", [](RunSpec& s) -> Field { return &s.data.crc32; }, not_shown, kept,
     "CRC-32 of their pixels"},
};

// Not in the table, for it has no member of its own: it sets lr-g and lr-d.
constexpr const char* kBothRates = "lr";

// An error message on one line, with the beginning of the value.
std::string cannot_be(std::string_view name, const json& value) {
  constexpr std::size_t kMost = 60;
  const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  return fmt::format("{} cannot be {}{}", name, text.substr(0, kMost),
                     text.size() > kMost ? "…" : "");
}

// read() takes a value of the field's kind, and tells if it is one.
bool read(bool& field, const json& value) {
  if (value.is_boolean()) field = value.get<bool>();
  return value.is_boolean();
}
bool read(std::string& field, const json& value) {
  if (value.is_string()) field = value.get<std::string>();
  return value.is_string();
}
bool read(double& field, const json& value) {
  if (value.is_number()) field = value.get<double>();
  return value.is_number();
}
template <std::integral Integer>
bool read(Integer& field, const json& value) {
  const bool fits =
      value.is_number_unsigned()
          ? std::in_range<Integer>(value.get<std::uint64_t>())
          : value.is_number_integer() && std::in_range<Integer>(value.get<std::int64_t>());
  if (fits) field = value.get<Integer>();
  return fits;
}
template <class T>
bool read(std::vector<T>& field, const json& value) {
  if (!value.is_array()) return false;
  std::vector<T> values(value.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!read(values[i], value[i])) return false;
  field = values;
  return true;
}

template <class T>
concept WholeNumber = std::integral<T> && !std::same_as<T, bool>;

template <WholeNumber Integer>
void require_in(std::string_view option, const Range& range, const Integer& value) {
  const auto bound = [](double x) { return static_cast<std::int64_t>(x); };
  if (std::isfinite(range.least))
    base::require(std::cmp_greater_equal(value, bound(range.least)),
                  fmt::format("--{} must be at least {}, not {}", option, range.least, value));
  if (std::isfinite(range.most))
    base::require(std::cmp_less_equal(value, bound(range.most)),
                  fmt::format("--{} must be at most {}, not {}", option, range.most, value));
}

std::string text_of(const Range& range) {
  using enum Range::Bounds;
  if (range.most == kInfinity)
    return range.bounds == open_below ? "a positive number" : "a number from 0 on";
  return fmt::format("in {}{}, {}{}", range.bounds == open_below ? '(' : '[', range.least,
                     range.most, range.bounds == open_above ? ')' : ']');
}

void require_in(std::string_view option, const Range& range, double value) {
  using enum Range::Bounds;
  const bool above = range.bounds == open_below ? value > range.least : value >= range.least;
  const bool below = range.bounds == open_above ? value < range.most : value <= range.most;
  base::require(std::isfinite(value) && above && below,
                fmt::format("--{} must be {}, not {}", option, text_of(range), value));
}

// Of layers.  Each costs memory and time even where it has hardly a weight.
void require_in(std::string_view option, const Range& range, const std::vector<int>& widths) {
  constexpr std::size_t kMostLayers = 256;
  base::require(widths.size() <= kMostLayers, fmt::format("--{}: {} layers are more than {}",
                                                          option, widths.size(), kMostLayers));
  for (const int width : widths)
    base::require(range.least <= width && width <= range.most,
                  fmt::format("--{}: a layer of width {} is not between {} and {}", option, width,
                              range.least, range.most));
}

// What is not a number has no range.
template <class T>
void require_in(std::string_view, const Range&, const T&) {}

}  // namespace

std::span<const Option> options() {
  return kOptions;
}

const Option& option_named(std::string_view name) {
  const Option* const option = std::ranges::find(kOptions, name, &Option::name);
  if (option == std::end(kOptions)) throw UnknownOption("there is no option " + std::string(name));
  return *option;
}

json value_of(const Option& option, const RunSpec& spec) {
  return with_value(option, spec, [](const auto& value) -> json {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (Named<Value> || std::same_as<Value, Device>)
      return std::string(name_of(value));
    else
      return value;
  });
}

std::string text_of(const Option& option, const RunSpec& spec) {
  return with_value(option, spec, [](const auto& value) -> std::string {
    using Value = std::remove_cvref_t<decltype(value)>;
    if constexpr (Named<Value> || std::same_as<Value, Device>)
      return std::string(name_of(value));
    else if constexpr (std::same_as<Value, bool>)
      return value ? "on" : "off";
    else if constexpr (std::same_as<Value, std::vector<int>> ||
                       std::same_as<Value, std::vector<std::string>>)
      return fmt::format("{}", fmt::join(value, ","));
    else
      return fmt::format("{}", value);
  });
}

void set_value(const Option& option, RunSpec& spec, const json& value) {
  const auto set = [&](auto* field) {
    using Value = std::remove_pointer_t<decltype(field)>;
    bool is_of_kind = value.is_string();
    if constexpr (Named<Value>) {
      if (is_of_kind) *field = named<Value>(option.name, value.template get<std::string>());
    } else if constexpr (std::same_as<Value, Device>) {
      if (is_of_kind) *field = device_named(value.template get<std::string>());
    } else {
      is_of_kind = read(*field, value);
    }
    base::require(is_of_kind, cannot_be(option.name, value));
  };
  std::visit(set, option.field(spec));
}

std::vector<std::string> option_names() {
  std::vector<std::string> names = {kBothRates};
  for (const Option& option : kOptions) names.emplace_back(option.name);
  return names;
}

void set_option(RunSpec& spec, std::string_view name, const json& value) {
  if (name != kBothRates) return set_value(option_named(name), spec, value);
  base::require(value.is_number(), cannot_be(name, value));
  for (const char* const rate : {"lr-g", "lr-d"}) set_value(option_named(rate), spec, value);
}

void copy_value(const Option& option, const RunSpec& from, RunSpec& to) {
  with_value(option, from, [&](const auto& value) {
    *std::get<std::remove_cvref_t<decltype(value)>*>(option.field(to)) = value;
  });
}

void require_in_range(const Option& option, const RunSpec& spec) {
  with_value(option, spec,
             [&](const auto& value) { require_in(option.name, option.range, value); });
}

}  // namespace gan::run
