// What the commands share: how they read their command line and open their images.
#pragma once
#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "host/data/dataset.h"
#include "host/run/run_spec.h"

namespace gan::cli {

// How a result is printed.
enum class Format { table, json };

// Sets up an app as all commands are: the last of an option given twice counts, and defaults are
// shown.
void prepare(CLI::App& app);

// Parses into the app's options.  Throws UsageError, and what CLI11 throws for --help and
// --version.
void parse_options(CLI::App& app, int argc, const char* const* argv);

// Parses into the app's options.  Returns the text of --help if that was asked for: print it and
// stop.  Throws UsageError.
std::optional<std::string> parse_command(CLI::App& app, int argc, const char* const* argv);

// --device of the commands that compute.
CLI::Option* add_device(CLI::App& app, run::Device& device);

// --image-size of the commands that look at images.
CLI::Option* add_image_size(CLI::App& app, int& image_size);

// --slope of the commands that read networks.
CLI::Option* add_slope(CLI::App& app, std::optional<double>& slope);

// Prints remarks on files, a line each, to stderr.
void print_remarks(const std::vector<std::string>& remarks);

// The data that --data and --image-size name.  Throws UsageError for a size that no image can have.
data::DataSource open_data(const std::string& data, int image_size);

// The images to train on, and what a run remembers of them.
struct TrainingImages {
  data::Images images;
  run::DataSpec spec;
};

// Loads the first --train-images of the training images, or all, with their classes for a
// --conditional run.  Throws UsageError when there are fewer, or when the folder's name or that of
// a class is not UTF-8.
TrainingImages load_training_images(const data::DataSource& source, const run::DataSpec& asked,
                                    bool conditional);

}  // namespace gan::cli
