#include "host/cli/eval_command.h"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "host/cli/command.h"
#include "host/cli/eval_report.h"
#include "host/cli/messages.h"
#include "host/cli/numbers.h"
#include "host/eval/metric_names.h"
#include "host/eval/products_on.h"
#include "host/eval/samples.h"
#include "host/run/run_spec.h"
#include "kernels/cpu/parallel.h"

namespace gan::cli {
namespace {

struct EvalOptions {
  eval::SampleRequest request;
  std::string data;
  int image_size = 0;
  run::Device device;
  int threads = 0;  // 0: one for each core
  std::set<eval::MetricGroup> groups;
  Format format = Format::table;
  bool sensitivity = false;
  std::string answer;  // the text of --help; if not empty, print it and stop
};

void add_options(CLI::App& app, EvalOptions& options, std::vector<std::string>& names) {
  app.add_option("model", options.request.path,
                 "Folder of a run (its generator and its moving average), weights of a "
                 "generator (.safetensors, .pth), or images in [0, 1], uint8 or bool "
                 "(.npy, .npz, .safetensors with one tensor)")
      ->required();
  app.add_option("--data", options.data, "The images to compare with, as for training");
  add_image_size(app, options.image_size);
  add_device(app, options.device);
  add_number(app, "--threads", options.threads, "Threads on a CPU (0: all cores)");
  add_number(app, "--count", options.request.count, "Samples");
  add_number(app, "--seed", options.request.seed, "Seed of the samples");
  add_slope(app, options.request.slope);
  add_number(app, "--white", options.request.white,
             "Value of white in arrays of images: 1 or 255 (0: 255 of uint8, else 1)");
  add_names(app, "--measures", names, "Some of: " + eval::group_names() + " (by default all)");
  app.add_flag("--sensitivity", options.sensitivity,
               "The log-likelihood with fewer samples and with a finer grid, too");
  app.add_flag_callback(
      "--json", [&] { options.format = Format::json; },
      "A line of JSON for each generator instead of a table");
}

void check(const EvalOptions& options) {
  eval::require_count("--count", options.request.count);
  constexpr int kMostThreads = 1024;
  if (options.threads < 0 || options.threads > kMostThreads)
    throw base::UsageError(
        fmt::format("--threads must be 0 to {}, not {}", kMostThreads, options.threads));
  if (const int white = options.request.white; white != 0 && white != 1 && white != 255)
    throw base::UsageError(fmt::format("--white must be 1 or 255, not {}", white));
}

EvalOptions parse_eval(int argc, const char* const* argv) {
  EvalOptions options;
  std::vector<std::string> names;
  CLI::App app("Says how good the digits of a generator are.", "gan_cuda eval");
  prepare(app);
  app.footer(
      "Examples:\n"
      "  gan_cuda eval runs/first\n"
      "  gan_cuda eval model_G.pth --measures parzen --sensitivity\n"
      "  gan_cuda eval images.npz --json");
  add_options(app, options, names);
  if (const auto help = parse_command(app, argc, argv)) {
    options.answer = *help;
    return options;
  }
  options.groups = names.empty() ? eval::all_groups() : eval::groups_of("--measures", names);
  check(options);
  return options;
}

void tell_progress(const std::string& line) {
  renew_line("gan_cuda: " + line);
}

// The seconds since the last call; at the first call, since construction.
class Lap {
 public:
  double operator()() {
    const auto now = std::chrono::steady_clock::now();
    return std::chrono::duration<double>(now - std::exchange(start_, now)).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

bool has_metric(const eval::Evaluation& evaluation) {
  return evaluation.sensitivity ||
         std::ranges::any_of(eval::metrics(), [&](const eval::Metric& metric) {
           return metric.of(evaluation.result).has_value();
         });
}

void print(const EvalReport& report, Format format) {
  if (format == Format::table) return fmt::print("{}", table(report));
  for (const eval::Evaluation& evaluation : report.evaluations)
    fmt::print("{}\n", to_json(evaluation).dump());
}

}  // namespace

int eval_command(int argc, const char* const* argv) {
  EvalOptions options = parse_eval(argc, argv);
  if (!options.answer.empty()) {
    fmt::print("{}", options.answer);
    return 0;
  }
  if (options.threads > 0) set_cpu_threads(options.threads);
  Lap lap;
  std::unique_ptr<eval::Products> products = eval::products_on(options.device);
  const data::DataSource source = open_data(options.data, options.image_size);
  if (!source.notice().empty()) tell(source.notice());
  eval::SampleEvaluator evaluator(source, std::move(products), tell_progress);
  options.request.pixels = evaluator.pixels();
  options.request.labels = evaluator.training_labels();

  EvalReport report{{}, source.name(), {}};
  std::set<std::string> remarks;
  for (const eval::Samples& samples : eval::load_samples(evaluator.products(), options.request)) {
    print_remarks(samples.remarks);
    eval::Evaluation evaluation{samples.weights, {}, {}, 0};
    evaluation.result = evaluator.evaluate(samples.images.view(), options.groups, samples.classes);
    if (options.sensitivity) evaluation.sensitivity = evaluator.sensitivity(samples.images.view());
    evaluation.seconds = lap();
    for (const std::string& remark : evaluation.result.remarks)
      if (remarks.insert(remark).second) tell(remark);
    report.samples.push_back(samples.description);
    report.evaluations.push_back(std::move(evaluation));
  }
  print(report, options.format);
  if (!std::ranges::any_of(report.evaluations, has_metric))
    throw std::runtime_error("nothing could be measured of " + options.request.path.string());
  return 0;
}

}  // namespace gan::cli
