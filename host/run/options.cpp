#include "host/run/options.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gan::run {
namespace {

using nlohmann::json;

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

    {"conditional", [](RunSpec& s) -> Field { return &s.conditional; }, networks, kept,
     "Draw images of a class that is asked for: both networks learn a vector for each class of "
     "the training images, which have a label file or a folder for each class"},
    {"latent", [](RunSpec& s) -> Field { return &s.latent; }, networks, kept,
     "Length of the latent vector z", kWidth},
    {"latent-distribution", [](RunSpec& s) -> Field { return &s.latent_distribution; }, networks,
     kept, "Distribution of z, of variance 1: {}"},
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
    {"d-input-dropout", [](RunSpec& s) -> Field { return &s.discriminator_input_dropout; },
     networks, kept, "Dropout rate of the discriminator's input", kShare},
    {"d-maxout",
     [](RunSpec& s) -> Field { return &s.discriminator_maxout; },
     networks,
     kept,
     "Pieces of the discriminator's maxout units (1: ReLU)",
     {1, 256}},
    {"g-init", [](RunSpec& s) -> Field { return &s.generator_range; }, networks, kept,
     "Begin with the generator's weights in U(±this) and biases of 0 (0: both in U(±1/√inputs))",
     kNotNegative},
    {"d-init", [](RunSpec& s) -> Field { return &s.discriminator_range; }, networks, kept,
     "The same of the discriminator", kNotNegative},
    {"g-pixel-bias", [](RunSpec& s) -> Field { return &s.pixel_bias; }, networks, kept,
     "Begin with output biases by which the generator draws the mean of the training images"},

    {"loss", [](RunSpec& s) -> Field { return &s.loss; }, loss, kept,
     "Loss of both networks: {}. minimax is algorithm 1 of the paper; relativistic compares pairs "
     "of a real and a generated image; wasserstein needs --clip or a penalty"},
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
    {"gradient-penalty", [](RunSpec& s) -> Field { return &s.gradient_penalty; }, loss, kept,
     "Weight λ of the penalty λ·mean(‖∇D‖ - 1)² between real and generated images (WGAN-GP)",
     kNotNegative},
    {"penalty-last",
     [](RunSpec& s) -> Field { return &s.penalty_last; },
     loss,
     kept,
     "Share of the penalties' weights that is left at the end; they fall linearly, over "
     "--lr-decay-epochs",
     {0, 1}},
    {"clip", [](RunSpec& s) -> Field { return &s.clip; }, loss, kept,
     "Clip the discriminator's parameters to ±this after each of its updates (0: do not)",
     kNotNegative},

    {"batch", [](RunSpec& s) -> Field { return &s.batch; }, training, kept,
     "Images in a batch; the smaller last batch of an epoch is trained on, too", kFromOne},
    {"shards",
     [](RunSpec& s) -> Field { return &s.shards; },
     training,
     kept,
     "Cut each batch into so many parts, which the ranks of mpirun share (docs/scale.md)",
     {1, 256}},
    {"reduce", [](RunSpec& s) -> Field { return &s.reduce; }, training, may_vary,
     "How the ranks add the gradients of their shards: {}. exact gives the same bytes for any "
     "number "
     "of ranks, fast sends less"},
    {"epochs", [](RunSpec& s) -> Field { return &s.epochs; }, training, may_vary,
     "Passes over the training images, in all", kFromOne},
    {"max-steps", [](RunSpec& s) -> Field { return &s.max_steps; }, training, may_vary,
     "Stop after this many steps, in all (0: only the epochs count)", kNotNegative},
    {"d-steps",
     [](RunSpec& s) -> Field { return &s.d_steps; },
     training,
     kept,
     "Steps for each update of the generator; every step updates the discriminator on a new batch "
     "(algorithm 1's k)",
     {1, 1 << 20}},
    {"simultaneous", [](RunSpec& s) -> Field { return &s.simultaneous; }, training, kept,
     "Update both networks at once by the same generated images; without it the generator learns "
     "from new ones and from the discriminator as just updated"},
    {"optimiser", [](RunSpec& s) -> Field { return &s.optimiser; }, training, kept,
     "How the weights follow their gradients: {}. rmsprop takes --beta2, sgd --momentum"},
    {"lr-g", [](RunSpec& s) -> Field { return &s.rate_g; }, training, kept,
     "Learning rate of the generator", kPositive},
    {"lr-d", [](RunSpec& s) -> Field { return &s.rate_d; }, training, kept,
     "Learning rate of the discriminator", kPositive},
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
    {"momentum", [](RunSpec& s) -> Field { return &s.momentum; }, training, kept, "Momentum of sgd",
     kShare},
    {"momentum-last", [](RunSpec& s) -> Field { return &s.momentum_last; }, training, kept,
     "Momentum that sgd reaches by equal steps after --momentum-epochs", kShare},
    {"momentum-epochs", [](RunSpec& s) -> Field { return &s.momentum_epochs; }, training, kept,
     "Epochs over which the momentum goes to --momentum-last (0: it stays)", kNotNegative},
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
    {"train-images", [](RunSpec& s) -> Field { return &s.data.wanted; }, device, kept,
     "Train on the first N images and hold the others back (0: on all of them). 50000 of MNIST's "
     "are "
     "those of the paper",
     kNotNegative},
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
    {"data-classes", [](RunSpec& s) -> Field { return &s.data.classes; }, not_shown, kept,
     "Names of their classes, of a conditional run"},
    {"data-labels-crc32", [](RunSpec& s) -> Field { return &s.data.labels_crc32; }, not_shown, kept,
     "CRC-32 of their labels, of a conditional run"},
};

// Not in the table, for it has no member of its own: it sets lr-g and lr-d.
constexpr const char* kBothRates = "lr";

}  // namespace

std::span<const Option> options() {
  return kOptions;
}

const Option& option_named(std::string_view name) {
  const Option* const option = std::ranges::find(kOptions, name, &Option::name);
  if (option == std::end(kOptions)) throw UnknownOption("there is no option " + std::string(name));
  return *option;
}

std::vector<std::string> option_names() {
  std::vector<std::string> names = {kBothRates};
  for (const Option& option : kOptions) names.emplace_back(option.name);
  return names;
}

void set_option(RunSpec& spec, std::string_view name, const json& value) {
  if (name != kBothRates) return set_value(option_named(name), spec, value);
  for (const char* const rate : {"lr-g", "lr-d"})
    set_value(option_named(rate), spec, value, kBothRates);
}

}  // namespace gan::run
