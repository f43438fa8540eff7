#include "host/cli/command.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "host/base/printable.h"
#include "host/cli/messages.h"
#include "host/cli/numbers.h"
#include "host/run/nearest_name.h"

namespace gan::cli {
namespace {

constexpr int kMostSide = 1024;  // a layer has a weight for every pixel

constexpr std::size_t kHelpColumn = 34, kHelpWidth = 66;  // of the descriptions in --help

// The text with some spaces replaced by line ends, so that no line is longer than kHelpWidth.
std::string wrapped(std::string text) {
  std::size_t line = 0;  // where the current line begins
  for (std::size_t next = text.find(' '); line + kHelpWidth < text.size();) {
    std::size_t end = next;
    while (next != std::string::npos && next - line <= kHelpWidth)
      end = next, next = text.find(' ', next + 1);
    if (end == std::string::npos) break;
    text[end] = '\n';
    line = end + 1;
    next = text.find(' ', line);
  }
  return text;
}

// CLI11 does not wrap lines, and shows the negative form of a flag as --no-shuffle{false}.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_desc(const CLI::Option* option) const override {
    return wrapped(CLI::Formatter::make_option_desc(option));
  }
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override {
    return CLI::detail::find_and_replace(CLI::Formatter::make_help(app, std::move(name), mode),
                                         "\n\n\n", "\n\n");
  }
  std::string make_option_name(const CLI::Option* option, bool is_positional) const override {
    return CLI::detail::find_and_replace(CLI::Formatter::make_option_name(option, is_positional),
                                         "{false}", "");
  }
};

// The first unknown option, with the nearest known name; if there is none, the first surplus
// argument.
std::string unknown_argument(const CLI::App& app) {
  const std::vector<std::string> rest = app.remaining();
  const auto option =
      std::ranges::find_if(rest, [](const std::string& text) { return text.starts_with('-'); });
  if (option == rest.end()) return "unexpected argument " + base::printable(rest.front());
  const std::string typed = option->substr(0, option->find('='));
  std::vector<std::string> names;
  for (const CLI::Option* known : app.get_options())
    for (const std::string& name : known->get_lnames()) names.push_back("--" + name);
  return "there is no option " + base::printable(typed) + run::did_you_mean(typed, names);
}

}  // namespace

void prepare(CLI::App& app) {
  app.formatter(std::make_shared<HelpFormatter>());
  app.option_defaults()->always_capture_default()->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast);
  app.get_formatter()->column_width(kHelpColumn);
}

void parse_options(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success&) {
    throw;  // of --help and --version
  } catch (const CLI::ExtrasError&) {
    const std::string what = unknown_argument(app);
    throw base::UsageError(what.ends_with('?') ? what
                                               : what + "; see " + app.get_name() + " --help");
  } catch (const CLI::ParseError& error) {
    throw base::UsageError(std::string(error.what()) + "; see " + app.get_name() + " --help");
  }
}

std::optional<std::string> parse_command(CLI::App& app, int argc, const char* const* argv) {
  try {
    parse_options(app, argc, argv);
  } catch (const CLI::CallForHelp&) {
    return app.help();
  }
  return std::nullopt;
}

CLI::Option* add_device(CLI::App& app, run::Device& device) {
  return app
      .add_option_function<std::string>(
          "--device", [&device](const std::string& name) { device = run::device_named(name); },
          "Where the command computes: auto, cpu, cuda or cuda:N")
      ->default_str(run::name_of(device));
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
  for (const std::string& remark : remarks) tell(remark);
}

data::DataSource open_data(const std::string& data, int image_size) {
  if (image_size < 0 || image_size > kMostSide)
    throw base::UsageError(
        fmt::format("--image-size must be 0 to {}, not {}", kMostSide, image_size));
  return data::find_data(data, image_size);
}

namespace {

std::uint32_t crc32_of(const std::vector<std::uint8_t>& bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, bytes.data(), bytes.size()));
}

// Adds the labels to the images, and their description to `found`.
void add_classes(const data::DataSource& source, data::Images& images, run::DataSpec& found) {
  data::Classes classes = source.load_classes();
  for (const std::string& name : classes.names)
    if (!base::is_utf8(name))
      throw base::UsageError(
          fmt::format("--conditional: the name of the class {} is not UTF-8, as the config.json of "
                      "a run must be; rename its folder",
                      base::printable(name)));
  classes.labels.resize(static_cast<std::size_t>(images.count));
  images.labels = std::move(classes.labels);
  found.classes = std::move(classes.names);
  found.labels_crc32 = crc32_of(images.labels);
}

}  // namespace

TrainingImages load_training_images(const data::DataSource& source, const run::DataSpec& asked,
                                    bool conditional) {
  if (!base::is_utf8(source.option()))
    throw base::UsageError(
        "--data " + source.option() +
        ": the path is not UTF-8, as the config.json of a run must be; rename the "
        "folder, or make a link to it");
  data::Images images = source.load_images(data::Split::train);
  if (asked.wanted > images.count)
    throw base::UsageError(fmt::format("--train-images {}: {} has {} training images only",
                                       asked.wanted, source.name(), images.count));
  if (asked.wanted > 0) {
    images.count = asked.wanted;
    images.pixels.resize(static_cast<std::size_t>(images.count) * images.height * images.width);
  }
  run::DataSpec found{source.option(),         images.count,     images.height, images.width,
                      crc32_of(images.pixels), asked.image_size, asked.wanted};
  if (conditional) add_classes(source, images, found);
  return {std::move(images), std::move(found)};
}

}  // namespace gan::cli
