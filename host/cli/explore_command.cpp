#include "host/cli/explore_command.h"

#include <fmt/format.h>

#include "gan_version.h"
#include "host/base/atomic_file.h"
#include "host/base/printable.h"
#include "host/cli/command.h"
#include "host/cli/model_file.h"
#include "host/cli/numbers.h"
#include "host/eval/explorer.h"
#include "host/eval/generator_model.h"

namespace gan::cli {
namespace {

namespace fs = std::filesystem;

struct ExploreOptions {
  fs::path model, out;
  std::string weights = "auto";
  std::uint64_t seed = 1;
  std::optional<double> slope;
};

void add_options(CLI::App& app, ExploreOptions& options) {
  app.add_option("model", options.model,
                 "Weights of a generator (.safetensors, .pth), or the folder of a run")
      ->required();
  app.add_option("--out", options.out, "The page (.html)")->required();
  add_number(app, "--seed", options.seed, "Seed of the first images");
  app.add_option("--weights", options.weights,
                 "Of a run: trained, average, or auto, the average where there is one");
  add_slope(app, options.slope);
}

// The model's name on the page: the name of the run's folder, or the file's name without its
// ending.
std::string name_of(const fs::path& model) {
  const fs::path path = fs::absolute(model).lexically_normal();
  if (fs::is_directory(model))
    return (path.has_filename() ? path : path.parent_path()).filename().string();
  return path.stem().string();
}

std::string page_of(const ExploreOptions& options, const ModelFile& model) {
  try {
    return explore_page(model.weights, model.image, name_of(options.model), options.seed);
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(
        fmt::format("cannot explore {}: {}", model.path.string(), base::reason_of(error)));
  }
}

}  // namespace

std::string explore_page(const io::TensorFile& weights, ImageSize image, const std::string& name,
                         std::uint64_t seed) {
  io::ExplorePage page = eval::explored(weights, eval::generator_shape(weights));
  page.name = name;
  page.maker = "gan_cuda " GAN_VERSION " (" GAN_COMMIT ")";
  page.height = image.height;
  page.width = image.width;
  page.seed = seed;
  return io::explore_page(page);
}

int explore_command(int argc, const char* const* argv) {
  ExploreOptions options;
  CLI::App app("Writes a page that runs a generator in a browser, without a network.",
               "gan_cuda explore");
  prepare(app);
  app.footer(
      "Examples:\n"
      "  gan_cuda explore best --out explore.html\n"
      "  gan_cuda explore runs/first --weights trained --out runs/first/explore.html");
  add_options(app, options);
  if (const auto help = parse_command(app, argc, argv)) {
    fmt::print("{}", *help);
    return 0;
  }
  if (options.out.extension() != ".html")
    throw base::UsageError("--out must end in .html, not " + options.out.string());
  const ModelFile model = load_model(options.model, options.weights, options.slope);
  print_remarks(model.remarks);
  base::write_file(options.out, page_of(options, model));
  return 0;
}

}  // namespace gan::cli
