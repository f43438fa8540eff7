// Code that the commands share: reading the command line and opening images.
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

// Applies the settings that all commands share: when an option is given twice, the last one counts,
// and --help shows defaults.
void prepare(CLI::App& app);

// Parses into the app's options.  Throws UsageError, and CLI11's exceptions for --help and
// --version.
void parse_options(CLI::App& app, int argc, const char* const* argv);

// Parses into the app's options.  If --help was given, returns its text, and the caller prints it
// and stops.  Throws UsageError.
std::optional<std::string> parse_command(CLI::App& app, int argc, const char* const* argv);

// Adds --device, for the commands that compute.
CLI::Option* add_device(CLI::App& app, run::Device& device);

// Adds --image-size, for the commands that read images.
CLI::Option* add_image_size(CLI::App& app, int& image_size);

// Adds --slope, for the commands that read networks.
CLI::Option* add_slope(CLI::App& app, std::optional<double>& slope);

// Prints remarks on files to stderr, one line each.
void print_remarks(const std::vector<std::string>& remarks);

// Opens the data that --data and --image-size name.  Throws UsageError for an impossible size.
data::DataSource open_data(const std::string& data, int image_size);

// The images to train on, and their description in a run.
struct TrainingImages {
  data::Images images;
  run::DataSpec spec;
};

// Loads the first --train-images training images, or all of them; for a --conditional run with
// their classes.  Throws UsageError when there are too few, or when the name of the folder or of a
// class is not UTF-8.
TrainingImages load_training_images(const data::DataSource& source, const run::DataSpec& asked,
                                    bool conditional);

}  // namespace gan::cli
