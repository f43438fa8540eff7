#include "host/cli/interpolate_command.h"

#include <fmt/format.h>

#include "host/cli/class_names.h"
#include "host/cli/command.h"
#include "host/cli/model_file.h"
#include "host/cli/numbers.h"
#include "host/eval/generator_model.h"
#include "host/eval/interpolation.h"
#include "host/eval/products_on.h"
#include "host/io/images/sample_grid.h"
#include "host/run/run_spec.h"

namespace gan::cli {
namespace {

struct InterpolateOptions {
  std::filesystem::path model, out;
  std::string weights = "auto";
  run::Device device;
  int rows = 8, steps = 10;
  std::uint64_t seed = 1;
  std::optional<double> slope;
  std::string from, to;  // classes; empty: not given
};

void add_options(CLI::App& app, InterpolateOptions& options) {
  app.add_option("--model", options.model,
                 "Weights of a generator (.safetensors, .pth), or the folder of a run")
      ->required();
  app.add_option("--out", options.out, "The sheet (.png)")->required();
  add_number(app, "--rows", options.rows, "Pairs of latent vectors");
  add_number(app, "--steps", options.steps, "Images from one to the other, both included");
  add_number(app, "--seed", options.seed, "Seed of the latent vectors");
  app.add_option("--weights", options.weights,
                 "Of a run: trained, average, or auto, the average where there is one");
  CLI::Option* const from = app.add_option(
      "--class", options.from,
      "Class of the images, by name or number (by default a class in each row, in turn)");
  app.add_option("--to-class", options.to, "Class at the end of each row, if it is another")
      ->needs(from);
  add_slope(app, options.slope);
  add_device(app, options.device);
}

void check(const InterpolateOptions& options) {
  if (options.out.extension() != ".png")
    throw base::UsageError("--out must end in .png, not " + options.out.string());
  if (options.rows < 1 || options.rows > 1'000) throw base::UsageError("--rows must be 1 to 1000");
  if (options.steps < 2 || options.steps > 100) throw base::UsageError("--steps must be 2 to 100");
}

// The classes at both ends of each row, for a conditional generator.
std::vector<std::uint8_t> ends_of(const InterpolateOptions& options, const ModelFile& model) {
  std::vector<std::uint8_t> ends;
  for (int row = 0; row < options.rows; ++row) {
    const auto in_turn = static_cast<std::uint8_t>(row % model.shape.classes);
    const std::uint8_t from =
        options.from.empty() ? in_turn : class_named(model, "--class", options.from);
    ends.push_back(from);
    ends.push_back(options.to.empty() ? from : class_named(model, "--to-class", options.to));
  }
  return ends;
}

void draw(const InterpolateOptions& options) {
  const ModelFile model = load_model(options.model, options.weights, options.slope);
  print_remarks(model.remarks);
  if (!options.from.empty()) require_conditional(model, "--class");
  const eval::Matrix ends = eval::draw_latents(model.weights, 2 * options.rows, options.seed);
  eval::Matrix paths = eval::spherical_paths(ends.view(), options.steps);
  if (const int classes = model.shape.classes; classes > 0) {
    const eval::Matrix shares = eval::one_hot(ends_of(options, model), classes);
    paths =
        eval::with_classes(paths.view(), eval::straight_paths(shares.view(), options.steps).view());
  }
  const eval::Matrix images =
      generate(*eval::products_on(options.device), model.weights, paths.view());
  io::write_png(options.out, io::sample_grid(images.values, images.rows, model.image.height,
                                             model.image.width, options.steps));
}

}  // namespace

int interpolate_command(int argc, const char* const* argv) {
  InterpolateOptions options;
  CLI::App app(
      "Draws a sheet of images on the great circle between pairs of latent vectors, a pair in a "
      "row.",
      "gan_cuda interpolate");
  prepare(app);
  app.footer(
      "Examples:\n"
      "  gan_cuda interpolate --model runs/first --out between.png\n"
      "  gan_cuda interpolate --model runs/classes --class 3 --to-class 8 --out 3-to-8.png\n"
      "  gan_cuda interpolate --model model_G.pth --rows 4 --steps 16 --seed 7 --out between.png");
  add_options(app, options);
  if (const auto help = parse_command(app, argc, argv)) {
    fmt::print("{}", *help);
    return 0;
  }
  check(options);
  draw(options);
  return 0;
}

}  // namespace gan::cli
