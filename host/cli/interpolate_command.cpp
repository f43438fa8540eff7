#include "host/cli/interpolate_command.h"

#include <fmt/format.h>

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
  add_slope(app, options.slope);
  add_device(app, options.device);
}

void check(const InterpolateOptions& options) {
  if (options.out.extension() != ".png")
    throw base::UsageError("--out must end in .png, not " + options.out.string());
  if (options.rows < 1 || options.rows > 1'000) throw base::UsageError("--rows must be 1 to 1000");
  if (options.steps < 2 || options.steps > 100) throw base::UsageError("--steps must be 2 to 100");
}

void draw(const InterpolateOptions& options) {
  const ModelFile model = load_model(options.model, options.weights, options.slope);
  print_remarks(model.remarks);
  const eval::Matrix ends = eval::draw_latents(model.weights, 2 * options.rows, options.seed);
  const eval::Matrix images = generate(*eval::products_on(options.device), model.weights,
                                       eval::spherical_paths(ends.view(), options.steps).view());
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
