#include "host/cli/sample_command.h"

#include <fmt/format.h>

#include <filesystem>

#include "host/cli/class_names.h"
#include "host/cli/command.h"
#include "host/cli/messages.h"
#include "host/cli/model_file.h"
#include "host/cli/numbers.h"
#include "host/eval/generator_model.h"
#include "host/eval/metric_names.h"
#include "host/eval/nearest.h"
#include "host/eval/products_on.h"
#include "host/io/images/sample_grid.h"
#include "host/io/npz.h"
#include "host/run/run_spec.h"

namespace gan::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kMost = 1'000'000;      // images; of MNIST's size they take 3 GB
constexpr int kMostOnSheet = 10'000;  // already more than some PNG viewers show
constexpr int kMostInRow = 1'000;

struct SampleOptions {
  fs::path model, out;
  std::string weights = "auto";
  run::Device device;
  std::string data;
  int image_size = 0;
  int count = 64;
  int per_row = 8;
  std::uint64_t seed = 1;
  std::optional<double> slope;
  bool nearest = false;
  std::string of_class;  // empty: not given
  bool classes = false;
};

void add_options(CLI::App& app, SampleOptions& options) {
  app.add_option("--model", options.model,
                 "Weights of a generator (.safetensors, .pth), or the folder of a run")
      ->required();
  app.add_option(
         "--out", options.out,
         "A sheet (.png), uint8 images for NumPy (.npz: arr_0, of the shape (n, height, width, "
         "1)), or float images (.safetensors)")
      ->required();
  CLI::Option* const count = add_number(app, "--count", options.count, "Images");
  add_number(app, "--seed", options.seed, "Seed of the latent vectors");
  add_number(app, "--per-row", options.per_row, "Images in a row of the sheet");
  CLI::Option* const of_class = app.add_option(
      "--class", options.of_class,
      "Of a conditional generator: the class of all images, by name or number (by default each "
      "class in turn)");
  app.add_flag("--classes", options.classes,
               "Of a conditional generator: --per-row images of each class, a class in a row, by "
               "the same latent vectors")
      ->excludes(of_class)
      ->excludes(count);
  app.add_option("--weights", options.weights,
                 "Of a run: trained, average, or auto, the average where there is one");
  app.add_flag(
      "--nearest", options.nearest,
      "Below each row of samples, the training images nearest to them, and a table of their "
      "distances on stdout");
  app.add_option("--data", options.data, "The training images for --nearest, as for training");
  add_image_size(app, options.image_size);
  add_slope(app, options.slope);
  add_device(app, options.device);
}

void check(const SampleOptions& options) {
  const fs::path ending = options.out.extension();
  if (ending != ".png" && ending != ".npz" && ending != ".safetensors")
    throw base::UsageError("--out must end in .png, .npz or .safetensors, not " +
                           options.out.string());
  const int most = ending == ".png" ? kMostOnSheet : kMost;
  if (options.count < 1 || options.count > most)
    throw base::UsageError(fmt::format("--count must be 1 to {} for a {} file, not {}", most,
                                       ending.string(), options.count));
  if (options.per_row < 1 || options.per_row > kMostInRow)
    throw base::UsageError(fmt::format("--per-row must be 1 to {}", kMostInRow));
  if (options.nearest && ending != ".png")
    throw base::UsageError("--nearest needs a sheet: --out x.png");
}

// Pixels as in a sheet: 255·v + ½, rounded down.
std::vector<std::uint8_t> to_bytes(const eval::Matrix& images) {
  std::vector<std::uint8_t> bytes(images.values.size());
  std::ranges::transform(images.values, bytes.begin(), [](float v) {
    return static_cast<std::uint8_t>(std::clamp(255 * v + 0.5F, 0.0F, 255.0F));
  });
  return bytes;
}

// Rows of samples, each followed by a row of the nearest training images.  The last two rows are
// filled up with black.
eval::Matrix with_nearest(const eval::Matrix& samples, eval::MatrixView train,
                          const std::vector<eval::Nearest>& nearest, int per_row) {
  const int rows = (samples.rows + per_row - 1) / per_row;
  eval::Matrix pairs(2 * rows * per_row, samples.columns);
  for (int i = 0; i < samples.rows; ++i) {
    const int place = 2 * (i / per_row) * per_row + i % per_row;
    std::copy_n(samples.view().row(i), samples.columns, pairs.row(place));
    std::copy_n(train.row(nearest[static_cast<std::size_t>(i)].index), samples.columns,
                pairs.row(place + per_row));
  }
  return pairs;
}

// Prints the nearest training images on stdout and returns the sheet with them below the samples.
eval::Matrix beside_training_images(const SampleOptions& options, const eval::Products& products,
                                    const eval::Matrix& samples) {
  const data::DataSource source = open_data(options.data, options.image_size);
  if (!source.notice().empty()) tell(source.notice());
  const eval::Matrix train = eval::to_matrix(source.load_images(data::Split::train));
  if (train.columns != samples.columns)
    throw std::runtime_error(
        fmt::format("{} have {} pixels, the samples {}; which --data and --image-size was the "
                    "generator trained on?",
                    source.name(), train.columns, samples.columns));
  const std::vector<eval::Nearest> nearest =
      eval::nearest_images(products, samples.view(), train.view());
  fmt::print("sample,training_image,distance\n");
  for (std::size_t i = 0; i < nearest.size(); ++i)
    fmt::print("{},{},{:.4f}\n", i, nearest[i].index, nearest[i].distance);
  return with_nearest(samples, train.view(), nearest, std::min(options.per_row, samples.rows));
}

// The classes of `count` images of a conditional generator.
std::vector<std::uint8_t> classes_of(const SampleOptions& options, const ModelFile& model,
                                     int count) {
  if (options.of_class.empty()) return eval::classes_like({}, count, model.shape.classes);
  return std::vector<std::uint8_t>(static_cast<std::size_t>(count),
                                   class_named(model, "--class", options.of_class));
}

// Draws a row for each class, all from the same latent vectors.
eval::Matrix draw_classes(const SampleOptions& options, const eval::Products& products,
                          const ModelFile& model) {
  require_conditional(model, "--classes");
  const eval::Matrix z = eval::draw_latents(model.weights, options.per_row, options.seed);
  eval::Matrix all(model.shape.classes * z.rows, z.columns);
  std::vector<std::uint8_t> classes;
  for (int k = 0; k < model.shape.classes; ++k) {
    std::ranges::copy(z.values, all.row(k * z.rows));
    classes.insert(classes.end(), static_cast<std::size_t>(z.rows), static_cast<std::uint8_t>(k));
  }
  return eval::generate(
      products, model.weights,
      eval::with_classes(all.view(), eval::one_hot(classes, model.shape.classes).view()).view());
}

eval::Matrix draw(const SampleOptions& options, const eval::Products& products,
                  const ModelFile& model) {
  if (options.classes) return draw_classes(options, products, model);
  if (!options.of_class.empty()) require_conditional(model, "--class");
  return eval::draw_samples(products, model.weights, options.count, options.seed,
                            model.shape.classes > 0 ? classes_of(options, model, options.count)
                                                    : std::vector<std::uint8_t>());
}

void write(const SampleOptions& options, const eval::Products& products, const ModelFile& model,
           const eval::Matrix& images) {
  const auto [height, width] = model.image;
  if (options.out.extension() == ".npz")
    return io::save_npz(options.out, to_bytes(images), {images.rows, height, width, 1});
  if (options.out.extension() == ".safetensors")
    return io::save_safetensors(options.out,
                                {{{"images", {images.rows, height, width}, images.values}}, {}});
  const eval::Matrix sheet =
      options.nearest ? beside_training_images(options, products, images) : images;
  io::write_png(options.out,
                io::sample_grid(sheet.values, sheet.rows, height, width, options.per_row));
}

}  // namespace

int sample_command(int argc, const char* const* argv) {
  SampleOptions options;
  CLI::App app("Draws images with a generator.", "gan_cuda sample");
  prepare(app);
  app.footer(
      "Examples:\n"
      "  gan_cuda sample --model runs/first --out digits.png\n"
      "  gan_cuda sample --model model_G.pth --count 10000 --seed 7 --out digits.npz\n"
      "  gan_cuda sample --model runs/classes --classes --out classes.png\n"
      "  gan_cuda sample --model runs/classes --class 7 --count 64 --out sevens.png\n"
      "  gan_cuda sample --model runs/first --count 16 --nearest --out nearest.png");
  add_options(app, options);
  if (const auto help = parse_command(app, argc, argv)) {
    fmt::print("{}", *help);
    return 0;
  }
  check(options);
  const ModelFile model = load_model(options.model, options.weights, options.slope);
  print_remarks(model.remarks);
  const std::unique_ptr<eval::Products> products = eval::products_on(options.device);
  write(options, *products, model, draw(options, *products, model));
  return 0;
}

}  // namespace gan::cli
