#include "host/cli/options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <charconv>

#include "gan_version.h"
#include "host/base/printable.h"
#include "host/cli/command.h"
#include "host/cli/metric_names.h"
#include "host/cli/numbers.h"
#include "host/run/recipes.h"

namespace gan::cli {
namespace {

void add_networks(CLI::App& app, run::RunSpec& spec) {
  const auto group = "Networks";
  add_number(app, "--latent", spec.latent, "Length of the latent vector z")->group(group);
  add_widths(app, "--g-hidden", spec.generator_hidden, "Widths of the generator's hidden layers")
      ->group(group);
  add_widths(app, "--d-hidden", spec.discriminator_hidden,
             "Widths of the discriminator's hidden layers")
      ->group(group);
  add_number(app, "--g-slope", spec.generator_slope,
             "Slope of the generator's LeakyReLU below 0 (0: ReLU)")
      ->group(group);
  add_number(app, "--d-slope", spec.discriminator_slope, "The same of the discriminator")
      ->group(group);
  add_number(app, "--d-dropout", spec.discriminator_dropout,
             "Rate of dropout behind the discriminator's hidden layers")
      ->group(group);
}

void add_losses(CLI::App& app, run::RunSpec& spec) {
  const auto group = "Losses";
  app.add_option("--loss", spec.loss, "non-saturating, minimax or relativistic")->group(group);
  add_number(app, "--real-label", spec.real_label,
             "The discriminator's target for real images (below 1: one-sided label smoothing)")
      ->group(group);
  add_number(app, "--r1", spec.r1,
             "Weight of the penalty on the discriminator's slopes at real images")
      ->group(group);
  add_number(app, "--r2", spec.r2, "The same at generated images")->group(group);
}

void add_training(CLI::App& app, run::RunSpec& spec) {
  const auto group = "Training";
  add_number(app, "--batch", spec.batch, "Images in a batch")->group(group);
  add_number(app, "--epochs", spec.epochs, "Passes over the training images, in all")->group(group);
  add_number(app, "--max-steps", spec.max_steps,
             "Stop after this many steps, in all (0: only the epochs count)")
      ->group(group);
  CLI::Option* const rate_g =
      add_number(app, "--lr-g", spec.rate_g, "Learning rate of the generator")->group(group);
  CLI::Option* const rate_d =
      add_number(app, "--lr-d", spec.rate_d, "Learning rate of the discriminator")->group(group);
  app.add_option_function<double>(
         "--lr",
         [&spec, rate_g, rate_d](const double& rate) {
           if (rate_g->empty()) spec.rate_g = rate;
           if (rate_d->empty()) spec.rate_d = rate;
         },
         "Learning rate of both networks")
      ->transform(number<double>())
      ->group(group);
  app.add_option("--lr-decay", spec.decay,
                 "How the rates fall: constant, linear, cosine or exponential")
      ->group(group);
  add_number(app, "--lr-decay-epochs", spec.decay_epochs,
             "Epochs in which they fall (0: all of the run)")
      ->group(group);
  add_number(app, "--lr-last", spec.decay_last, "The share of the rates that is left then")
      ->group(group);
  add_number(app, "--beta1", spec.beta1, "Adam's decay of the first moment")->group(group);
  add_number(app, "--beta2", spec.beta2, "Adam's decay of the second moment")->group(group);
  add_number(app, "--ema", spec.ema,
             "Decay of the moving average of the generator that is written beside it (0: none)")
      ->group(group);
  app.add_flag("--ema-warmup,!--no-ema-warmup", spec.ema_warmup,
               "That average is a plain mean of all steps until its decay is the smaller (the "
               "default)")
      ->group(group);
  add_number(app, "--seed", spec.seed, "Seed of every random draw")->group(group);
  app.add_flag("--shuffle,!--no-shuffle", spec.shuffle,
               "Visit the images in a new random order in every epoch (the default)")
      ->group(group);
}

void add_descriptions(CLI::App& app, CommandLine& line) {
  const auto group = "Description";
  app.add_option("--recipe", line.spec.recipe,
                 fmt::format("Settings to begin with: {}", fmt::join(run::recipe_names(), ", ")))
      ->group(group);
  app.add_option("--config", line.config,
                 "Settings from a file, over the recipe's: a recipe of your own (.toml) or the "
                 "config.json of a run")
      ->group(group);
}

void add_evaluation(CLI::App& app, run::RunSpec& spec) {
  const auto group = "Judging (see gan_cuda eval --help)";
  add_number(app, "--eval-every", spec.eval_every,
             "Epochs between two evaluations of the generator and its average (0: none)")
      ->group(group);
  add_names(app, "--eval-measures", spec.eval_groups, "Some of: " + group_names())->group(group);
  add_number(app, "--eval-count", spec.eval_count, "Samples that are evaluated")->group(group);
  app.add_option("--keep-best", spec.keep_best,
                 "Figure by which model_G_best.safetensors is kept: " + metric_names())
      ->group(group);
}

void add_machine(CLI::App& app, CommandLine& line) {
  run::RunSpec& spec = line.spec;
  const auto group = "Data and device";
  app.add_option("--data", spec.data.source,
                 "Folder with the four MNIST files or with PNG and JPEG files, or built-in (by "
                 "default data/mnist, $GAN_MNIST_DIR, built-in)")
      ->group(group);
  add_image_size(app, spec.data.image_size)->group(group);
  app.add_option("--device", spec.device, "auto, cpu, cuda or cuda:N")->group(group);
  app.add_option(
         "--engine", spec.engine,
         "How a GPU gets its work: auto, plain (launch by launch), graph (recorded steps), "
         "graph-pdl (the same, kernels starting early; compute capability 9.0), fused (kernels of "
         "our own alone, recorded) or persistent (one kernel for many steps)")
      ->group(group);
  app.add_option("--precision", spec.precision,
                 "Of the matrix products: fp32; on a GPU tf32 or 3xtf32, too")
      ->group(group);
  add_number(app, "--threads", spec.threads, "Threads on a CPU (0: as many as pay)")->group(group);
}

// Of "FIRST:LAST".
run::StepRange step_range(const std::string& text) {
  run::StepRange range{0, 0};
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, range.first);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == ':') {
    const auto last = std::from_chars(first.ptr + 1, end, range.last);
    if (last.ec == std::errc() && last.ptr == end && 1 <= range.first && range.first <= range.last)
      return range;
  }
  throw base::UsageError(
      "--profile-steps takes FIRST:LAST, two numbers of steps from 1 on, not \"" + text + "\"");
}

void add_output(CLI::App& app, CommandLine& line) {
  run::RunSpec& spec = line.spec;
  const auto group = "Output";
  app.add_option("--out", line.out, "Folder of the run (by default runs/<date-time>)")
      ->group(group);
  app.add_option("--resume", line.resume,
                 "Go on with the run in this folder, bit for bit; or from this checkpoint in it, "
                 "and drop what came later")
      ->group(group);
  add_number(app, "--log-every", spec.log_every, "Steps between two rows of metrics.csv")
      ->group(group);
  add_number(app, "--sample-every", spec.sample_every, "Epochs between two sample sheets (0: none)")
      ->group(group);
  add_number(app, "--checkpoint-every", spec.checkpoint_every,
             "Epochs between two checkpoints (0: only at the end)")
      ->group(group);
  add_number(app, "--keep-checkpoints", spec.keep_checkpoints,
             "Checkpoints that are kept: checkpoint.safetensors, and before it "
             "checkpoint_<step>.safetensors")
      ->group(group);
  app.add_flag("--stop-on-collapse,!--no-stop-on-collapse", spec.stop_on_collapse,
               "End with exit code 1 when the discriminator has won or all images are alike; a "
               "resumed run keeps that until --no-stop-on-collapse")
      ->group(group);
  app.add_option_function<std::string>(
         "--profile-steps", [&line](const std::string& text) { line.profiled = step_range(text); },
         "FIRST:LAST, the steps that nsys or ncu is to record (see tools/profile)")
      ->group(group);
  app.add_flag("--quiet", line.quiet, "Say nothing but errors")->group(group);
  app.add_flag("--json", line.json, "At the end, the result as one line of JSON on stdout")
      ->group(group);
}

// One pass over the command line; sets `given` to whether --recipe is there.
CommandLine parse_once(int argc, const char* const* argv, const run::RunSpec& defaults,
                       bool& given) {
  CommandLine line;
  line.spec = defaults;
  CLI::App app("Trains the original GAN (Goodfellow et al. 2014) on MNIST, on a GPU or a CPU.",
               "gan_cuda");
  prepare(app);
  app.set_version_flag("--version", "gan_cuda " GAN_VERSION " (" GAN_COMMIT ")");
  app.footer(
      "Examples:\n"
      "  gan_cuda --batch 128 --epochs 100\n"
      "  gan_cuda --device cpu --epochs 5 --out runs/first\n"
      "  gan_cuda --recipe best --seed 7\n"
      "  gan_cuda --resume runs/first --epochs 20\n"
      "Commands, each with a --help of its own: train (this one), eval, sample, interpolate, "
      "convert, "
      "info, sweep, bench.\n"
      "Ctrl-C finishes the step, writes a checkpoint and stops.");
  add_descriptions(app, line);
  add_training(app, line.spec);
  add_networks(app, line.spec);
  add_losses(app, line.spec);
  add_machine(app, line);
  add_evaluation(app, line.spec);
  add_output(app, line);
  try {
    parse_options(app, argc, argv);
  } catch (const CLI::CallForHelp&) {
    line.answer = app.help();
  } catch (const CLI::CallForVersion& version) {
    line.answer = std::string(version.what()) + "\n";
  }
  given = app.get_option("--recipe")->count() > 0;
  return line;
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv, const run::RunSpec& defaults) {
  bool recipe_given = false;
  CommandLine line = parse_once(argc, argv, defaults, recipe_given);
  if (line.answer.empty() && (recipe_given || !line.config.empty())) {
    run::RunSpec described = defaults;
    const std::string asked = line.spec.recipe;
    if (recipe_given) run::apply_recipe(described, asked);
    if (!line.config.empty()) run::apply_config(described, defaults, line.config);
    line = parse_once(argc, argv, described, recipe_given);
    line.spec.recipe = described.recipe;
    if (recipe_given && described.recipe != asked)
      line.notice = fmt::format("{} begins with recipe {}, so --recipe {} changes nothing",
                                line.config, base::printable(described.recipe), asked);
  }
  if (!line.out.empty() && !line.resume.empty() && line.out != line.resume)
    throw base::UsageError("--out and --resume name two folders; a resumed run stays in its own");
  return line;
}

}  // namespace gan::cli
