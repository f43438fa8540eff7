#include "host/cli/command.h"

#include <fmt/format.h>
#include <zlib.h>

#include "host/cli/numbers.h"
#include "host/io/printable.h"

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

DataSource open_data(const std::string& data, int image_size) {
  if (image_size < 0 || image_size > kMostSide)
    throw UsageError(fmt::format("--image-size must be 0 to {}, not {}", kMostSide, image_size));
  return find_data(data, image_size);
}

DataSpec describe(const DataSource& source, const Images& images, int image_size) {
  if (!is_utf8(source.option()))
    throw UsageError("--data " + source.option() +
                     ": the path is not UTF-8, as the config.json of a run must be; rename the "
                     "folder, or make a link to it");
  const auto crc32 =
      static_cast<std::uint32_t>(crc32_z(0, images.pixels.data(), images.pixels.size()));
  return {source.option(), images.count, images.height, images.width, crc32, image_size};
}

}  // namespace gan
