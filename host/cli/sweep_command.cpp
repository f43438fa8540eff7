#include "host/cli/sweep_command.h"

#include <fmt/format.h>

#include <climits>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "host/base/printable.h"
#include "host/cli/command.h"
#include "host/cli/messages.h"
#include "host/cli/numbers.h"
#include "host/cli/signals.h"
#include "host/sweep/sweep.h"
#include "host/train/engine.h"

namespace gan::cli {
namespace {

namespace fs = std::filesystem;

struct SweepOptions {
  fs::path file, out;
  int jobs = 0;  // 0: as many as the device can use
  bool json = false, dry_run = false;
  std::string answer;  // of --help: print it and stop
};

SweepOptions parse_sweep(int argc, const char* const* argv) {
  SweepOptions options;
  CLI::App app("Trains and evaluates several configurations over several seeds.", "gan_cuda sweep");
  prepare(app);
  app.footer(
      "Examples:\n"
      "  gan_cuda sweep data/sweeps/ablation.toml --dry-run\n"
      "  gan_cuda sweep data/sweeps/ablation.toml --out sweeps/ablation --jobs 2\n"
      "The same command resumes a sweep that was stopped.");
  app.add_option("file", options.file, "TOML: options for all, seeds, and [configuration.NAME]s")
      ->required();
  app.add_option("--out", options.out,
                 "Folder of the sweep (by default sweeps/<name of the file>)");
  add_number(app, "--jobs", options.jobs,
             "Runs at a time (0: one a core on a CPU, where each has one thread; 1 on a GPU)");
  app.add_flag("--json", options.json, "The result as a line of JSON instead of a table");
  app.add_flag("--dry-run", options.dry_run, "Only tell what would be trained");
  if (const auto help = parse_command(app, argc, argv)) {
    options.answer = *help;
    return options;
  }
  if (options.jobs < 0) throw base::UsageError("--jobs must be at least 0");
  if (options.out.empty()) options.out = fs::path("sweeps") / options.file.stem();
  return options;
}

// What each --data, --image-size and --train-images of a sweep give: they are looked at once.
using KnownData = std::map<std::tuple<std::string, int, int>, run::DataSpec>;

const run::DataSpec& data_of(const run::DataSpec& asked, KnownData& known) {
  const std::tuple key(asked.source, asked.image_size, asked.wanted);
  auto found = known.find(key);
  if (found == known.end()) {
    const data::DataSource source = open_data(asked.source, asked.image_size);
    found = known.emplace(key, load_training_images(source, asked).spec).first;
  }
  return found->second;
}

// Throws UsageError for what a run would refuse at its start.
void require_trainable(const sweep::Configuration& configuration, KnownData& known) {
  try {
    train::resolve(configuration.spec, data_of(configuration.spec.data, known));
  } catch (const std::runtime_error& error) {
    throw base::UsageError(fmt::format("configuration {} cannot be trained: {}", configuration.name,
                                       base::reason_of(error)));
  }
}

}  // namespace

int sweep_command(int argc, const char* const* argv) {
  const SweepOptions options = parse_sweep(argc, argv);
  if (!options.answer.empty()) {
    fmt::print("{}", options.answer);
    return 0;
  }
  const sweep::SweepPlan plan = sweep::read_sweep(options.file);
  KnownData known;
  for (const sweep::Configuration& configuration : plan.configurations)
    require_trainable(configuration, known);
  sweep::Sweep sweep(plan, options.out);
  if (options.dry_run) {
    for (const sweep::SweepRun& run : sweep.runs())
      fmt::print("{}\n", base::one_line(run.folder.string(), PATH_MAX));
    return 0;
  }
  sweep.carry_out(options.jobs, stop_on_signals(), [](const std::string& line) { tell(line); });
  const auto results = sweep.results();
  fmt::print("{}", options.json ? to_json(results).dump() + "\n" : sweep::sweep_table(results));
  if (stop_on_signals()) {
    tell(fmt::format("stopped; the same command resumes it: gan_cuda sweep {} --out {}",
                     options.file.string(), options.out.string()));
    return 128 + stopping_signal();
  }
  return sweep.failed() > 0 ? 1 : 0;
}

}  // namespace gan::cli
