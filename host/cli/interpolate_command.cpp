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

int interpolate_command(int argc, const char* const* argv) {
  std::filesystem::path path, out;
  std::string weights = "auto";
  run::Device device;
  int rows = 8, steps = 10;
  std::uint64_t seed = 1;
  std::optional<double> slope;
  CLI::App app(
      "Draws a sheet of images on the great circle between pairs of latent vectors, a pair in a "
      "row.",
      "gan_cuda interpolate");
  prepare(app);
  app.footer(
      "Examples:\n"
      "  gan_cuda interpolate --model runs/first --out between.png\n"
      "  gan_cuda interpolate --model model_G.pth --rows 4 --steps 16 --seed 7 --out between.png");
  app.add_option("--model", path,
                 "Weights of a generator (.safetensors, .pth), or the folder of a run")
      ->required();
  app.add_option("--out", out, "The sheet (.png)")->required();
  add_number(app, "--rows", rows, "Pairs of latent vectors");
  add_number(app, "--steps", steps, "Images from one to the other, both included");
  add_number(app, "--seed", seed, "Seed of the latent vectors");
  app.add_option("--weights", weights,
                 "Of a run: trained, average, or auto, the average where there is one");
  add_slope(app, slope);
  add_device(app, device);
  if (const auto help = parse_command(app, argc, argv)) {
    fmt::print("{}", *help);
    return 0;
  }
  if (out.extension() != ".png")
    throw base::UsageError("--out must end in .png, not " + out.string());
  if (rows < 1 || rows > 1'000) throw base::UsageError("--rows must be 1 to 1000");
  if (steps < 2 || steps > 100) throw base::UsageError("--steps must be 2 to 100");

  const ModelFile model = load_model(path, weights, slope);
  print_remarks(model.remarks);
  const eval::Matrix ends = eval::draw_latents(2 * rows, model.shape.inputs(), seed);
  const eval::Matrix images = generate(*eval::products_on(device), model.weights,
                                       eval::spherical_paths(ends.view(), steps).view());
  io::write_png(out, io::sample_grid(images.values, images.rows, model.image.height,
                                     model.image.width, steps));
  return 0;
}

}  // namespace gan::cli
