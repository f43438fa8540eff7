#include "host/cli/sweep_command.h"

#include <fmt/format.h>

#include <climits>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>
#include <utility>

#include "host/base/printable.h"
#include "host/cli/command.h"
#include "host/cli/messages.h"
#include "host/cli/numbers.h"
#include "host/cli/signals.h"
#include "host/cli/together.h"
#include "host/ranks/ranks.h"
#include "host/sweep/sweep.h"
#include "host/train/engine.h"

namespace gan::cli {
namespace {

namespace fs = std::filesystem;

struct SweepOptions {
  fs::path file, out;
  int jobs = 0;  // runs at a time; 0: as many as the device can use
  bool json = false, dry_run = false;
  std::string answer;  // the text of --help; if not empty, print it and stop
};

SweepOptions parse_sweep(int argc, const char* const* argv) {
  SweepOptions options;
  CLI::App app("Trains and evaluates several configurations over several seeds.", "gan_cuda sweep");
  prepare(app);
  app.footer(
      "Examples:\n"
      "  gan_cuda sweep data/sweeps/ablation.toml --dry-run\n"
      "  gan_cuda sweep data/sweeps/ablation.toml --out sweeps/ablation --jobs 2\n"
      "  mpirun -n 16 gan_cuda sweep data/sweeps/ablation.toml   (docs/scale.md)\n"
      "The same command resumes a sweep that was stopped.");
  app.add_option("file", options.file, "TOML: options for all, seeds, and [configuration.NAME]s")
      ->required();
  app.add_option("--out", options.out,
                 "Folder of the sweep (by default sweeps/<name of the file>)");
  add_number(
      app, "--jobs", options.jobs,
      "Runs at a time, of each rank (0: one a core on a CPU, where each has one thread; 1 on a "
      "GPU)");
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

// The data for each combination of --data, --image-size, --train-images and --conditional in a
// sweep, so that each is loaded only once.
using KnownData = std::map<std::tuple<std::string, int, int, bool>, run::DataSpec>;

const run::DataSpec& data_of(const run::RunSpec& spec, KnownData& known) {
  const run::DataSpec& asked = spec.data;
  const std::tuple key(asked.source, asked.image_size, asked.wanted, spec.conditional);
  auto found = known.find(key);
  if (found == known.end()) {
    const data::DataSource source = open_data(asked.source, asked.image_size);
    found = known.emplace(key, load_training_images(source, asked, spec.conditional).spec).first;
  }
  return found->second;
}

// Throws UsageError when a run would refuse the configuration at its start.
void require_trainable(const sweep::Configuration& configuration, KnownData& known) {
  try {
    train::resolve(configuration.spec, data_of(configuration.spec, known));
  } catch (const std::runtime_error& error) {
    throw base::UsageError(fmt::format("configuration {} cannot be trained: {}", configuration.name,
                                       base::reason_of(error)));
  }
}

struct Prepared {
  SweepOptions options;
  sweep::SweepPlan plan;
  std::optional<sweep::Sweep> sweep;
  std::optional<int> code;  // the exit code, if the program ends after prepare()
};

std::string text_of(const SweepOptions& options) {
  const fs::path out = options.out.empty() ? fs::path() : fs::absolute(options.out);  // --help
  return fmt::format("{} {} {} {} {}", out.string(), options.jobs, options.json, options.dry_run,
                     options.answer);
}

std::string text_of(const sweep::SweepPlan& plan) {
  nlohmann::ordered_json text = {{"seeds", plan.seeds}};
  for (const sweep::Configuration& each : plan.configurations)
    text.push_back({each.name, {to_json(each.spec), each.groups}});
  return text.dump();
}

void read(Prepared& prepared) {
  prepared.plan = sweep::read_sweep(prepared.options.file);
  KnownData known;
  for (const sweep::Configuration& configuration : prepared.plan.configurations)
    require_trainable(configuration, known);
}

// One rank prints this for all of them.
void answer(const Prepared& prepared) {
  fmt::print("{}", prepared.options.answer);
  if (prepared.sweep)
    for (const sweep::SweepRun& run : prepared.sweep->runs())
      fmt::print("{}\n", base::one_line(run.folder.string(), PATH_MAX));
}

// The steps that the ranks take together.  A failure on one rank ends all of them, and is reported
// once.
void prepare(Prepared& prepared, int argc, const char* const* argv, const ranks::Ranks& ranks) {
  const auto is_done = [&](std::initializer_list<std::function<void()>> steps) {
    prepared.code = carry_out_on_all(ranks, {steps.begin(), steps.size()});
    return !prepared.code;
  };
  if (!is_done({[&] { prepared.options = parse_sweep(argc, argv); },
                [&] { require_equal(ranks, "options", text_of(prepared.options)); }}))
    return;
  const SweepOptions& options = prepared.options;
  if (options.answer.empty()) {
    if (!is_done({[&] { read(prepared); },
                  [&] { require_equal(ranks, "settings in FILE", text_of(prepared.plan)); }}))
      return;
    prepared.sweep.emplace(prepared.plan, options.out, ranks.self());
  }
  if (!options.answer.empty() || options.dry_run) {
    if (ranks.self().is_first()) answer(prepared);
    prepared.code = 0;
    return;
  }
  for (int step = 0; step < sweep::Sweep::kSteps; ++step)
    if (!is_done({[&] { prepared.sweep->enter(step); }})) return;
}

// Returns the exit code.  It is 0 for all ranks but the first: a stopped rank leaves its runs to
// the others, and with another code mpirun would end these.
int carry_out(sweep::Sweep& sweep, const SweepOptions& options, bool is_first) {
  sweep.carry_out(options.jobs, stop_on_signals(), [&](const std::string& line) {
    if (is_first) tell(line);
  });
  if (!is_first) return 0;
  const auto results = sweep.results();
  fmt::print("{}", options.json ? to_json(results).dump() + "\n" : sweep::sweep_table(results));
  if (stop_on_signals()) {
    tell(fmt::format("stopped; the same command resumes it: gan_cuda sweep {} --out {}",
                     options.file.string(), options.out.string()));
    return 128 + stopping_signal();
  }
  return sweep.failed() > 0 ? 1 : 0;
}

}  // namespace

int sweep_command(int argc, const char* const* argv) {
  std::optional<ranks::Ranks> ranks(std::in_place);
  const ranks::Rank self = ranks->self();
  if (const auto code = code_of_trouble(*ranks)) return *code;
  Prepared prepared;
  prepare(prepared, argc, argv, *ranks);
  ranks.reset();  // before the first run is started
  if (prepared.code) return *prepared.code;
  return carry_out(*prepared.sweep, prepared.options, self.is_first());
}

}  // namespace gan::cli
