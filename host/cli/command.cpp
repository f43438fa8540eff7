#include "host/cli/command.h"

#include <fmt/format.h>
#include <zlib.h>

#include "host/cli/numbers.h"

namespace gan {
namespace {

constexpr int kMostSide = 1024;  // the networks have a weight for each pixel and neighbour

}  // namespace

void prepare(CLI::App& app) {
  app.option_defaults()->always_capture_default()->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast);
  app.get_formatter()->column_width(34);
}

std::optional<std::string> parse_command(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return app.help();
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + "; see " + app.get_name() + " --help");
  }
  return std::nullopt;
}

CLI::Option* add_device(CLI::App& app, std::string& device) {
  return app.add_option("--device", device,
                        "Where the large products are computed: auto, cpu, cuda or cuda:N");
}

CLI::Option* add_image_size(CLI::App& app, int& image_size) {
  return add_number(app, "--image-size", image_size,
                    "Crop every image to its middle square and scale it to so many pixels a side "
                    "(0: take them as they are)");
}

CLI::Option* add_slope(CLI::App& app, std::optional<double>& slope) {
  return app
      .add_option_function<double>(
          "--slope", [&slope](double value) { slope = value; },
          "Slope of a LeakyReLU in the hidden layers, for weights that do not say (0: ReLU)")
      ->check(number<double>())
      ->check(CLI::Validator(
          [](const std::string& text) {
            const double value = std::stod(text);
            return value >= 0 && value < 1 ? "" : "the slope must be at least 0 and less than 1";
          },
          "", ""));
}

void print_remarks(const std::vector<std::string>& remarks) {
  for (const std::string& remark : remarks) fmt::print(stderr, "gan_cuda: {}\n", remark);
}

DataSource open_data(const std::string& data, int image_size) {
  if (image_size < 0 || image_size > kMostSide)
    throw UsageError(fmt::format("--image-size must be 0 to {}, not {}", kMostSide, image_size));
  return find_data(data, image_size);
}

DataSpec describe(const DataSource& source, const Images& images, int image_size) {
  const auto crc32 =
      static_cast<std::uint32_t>(crc32_z(0, images.pixels.data(), images.pixels.size()));
  return {source.option(), images.count, images.height, images.width, crc32, image_size};
}

}  // namespace gan
