#include "host/cli/sweep_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <chrono>
#include <climits>
#include <csignal>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "host/base/atomic_file.h"
#include "host/base/folder.h"
#include "host/base/printable.h"
#include "host/cli/command.h"
#include "host/cli/messages.h"
#include "host/cli/numbers.h"
#include "host/cli/signals.h"
#include "host/run/run_folder.h"
#include "host/sweep/children.h"
#include "host/sweep/sweep_plan.h"
#include "host/sweep/sweep_results.h"
#include "host/train/engine.h"
#include "host/train/run_report.h"
#include "kernels/cpu/cores.h"

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

// A run of a sweep is trained, then evaluated.
enum class Stage { training, evaluation };

struct SweepRun {
  const sweep::Configuration* configuration;
  std::uint64_t seed;
  fs::path folder;
  Stage stage = Stage::training;
  std::optional<sweep::Metrics> metrics;  // once it is finished

  std::string name() const { return fmt::format("{}, seed {}", configuration->name, seed); }
  fs::path log() const { return folder.string() + ".log"; }
};

// What a child said last, which is why it failed.
std::string last_line(const fs::path& log) {
  std::string text = base::read_file(log);
  while (text.ends_with('\n')) text.pop_back();
  return text.empty() ? "it said nothing" : text.substr(text.rfind('\n') + 1);
}

class Sweep {
 public:
  Sweep(const SweepOptions& options, const sweep::SweepPlan& plan)
      : options_(options), plan_(plan) {
    for (const sweep::Configuration& configuration : plan.configurations)
      for (const std::uint64_t seed : plan.seeds)
        runs_.push_back({&configuration,
                         seed,
                         options.out / configuration.name / fmt::format("seed_{}", seed),
                         Stage::training,
                         {}});
  }

  void describe() const {
    for (const SweepRun& run : runs_)
      fmt::print("{}\n", base::one_line(run.folder.string(), PATH_MAX));
  }

  // The exit code.
  int carry_out() {
    if (fs::exists(options_.out / "checkpoint.safetensors"))
      throw base::UsageError(options_.out.string() +
                             " is the folder of a run; name another with --out");
    base::make_folder(options_.out);
    lock_.emplace(options_.out);
    base::remove_leftovers(options_.out);
    for (const sweep::Configuration& configuration : plan_.configurations) store(configuration);
    for (SweepRun& run : runs_) run.metrics = sweep::metrics_of_run(run.folder);
    save_results();
    const bool on_gpu =
        train::resolve_device(plan_.configurations.front().spec.device) != run::kCpu;
    const std::size_t jobs = static_cast<std::size_t>(options_.jobs > 0 ? options_.jobs
                                                      : on_gpu          ? 1
                                                                        : available_cores());
    for (std::size_t i = 0; i < runs_.size(); ++i)
      if (!runs_[i].metrics) waiting_.push_back(static_cast<int>(i));
    work(jobs);
    save_results();
    const auto all = results();
    fmt::print("{}", options_.json ? to_json(all).dump() + "\n" : sweep::sweep_table(all));
    if (stop_on_signals()) {
      tell(fmt::format("stopped; the same command resumes it: gan_cuda sweep {} --out {}",
                       options_.file.string(), options_.out.string()));
      return 128 + stopping_signal();
    }
    return failed_ > 0 ? 1 : 0;
  }

 private:
  fs::path configuration_file(const sweep::Configuration& configuration) const {
    return options_.out / configuration.name / "configuration.json";
  }

  // A sweep that resumes must have the configurations that it began with.
  void store(const sweep::Configuration& configuration) const {
    const fs::path path = configuration_file(configuration);
    const std::string text =
        nlohmann::ordered_json{{"run", to_json(configuration.spec)}}.dump(2) + "\n";
    if (fs::exists(path)) {
      if (base::read_file(path) != text)
        throw base::UsageError(
            fmt::format("configuration {} is not the one that {} began with; give it another name "
                        "or another --out",
                        configuration.name, options_.out.string()));
      return;
    }
    base::make_folder(path.parent_path());
    base::write_file(path, text);
  }

  void work(std::size_t jobs) {
    sweep::Children children;
    bool told_to_stop = false;
    const std::atomic<bool>& stopping = stop_on_signals();
    while (children.running() > 0 || (!waiting_.empty() && !stopping)) {
      while (!stopping && !waiting_.empty() && children.running() < jobs) {
        start(children, waiting_.front());
        waiting_.pop_front();
      }
      if (stopping && !std::exchange(told_to_stop, true)) children.send_all(SIGTERM);
      if (const auto ended = children.reap())
        finish(*ended, stopping);
      else
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }

  // What a run needs next.
  void start(sweep::Children& children, int id) {
    SweepRun& run = runs_[static_cast<std::size_t>(id)];
    if (is_trained(run)) run.stage = Stage::evaluation;
    children.start(id, run.stage == Stage::evaluation ? evaluation(run) : training(run));
  }

  static bool is_on_cpu(const SweepRun& run) {
    return train::resolve_device(run.configuration->spec.device) == run::kCpu;
  }

  static sweep::Command evaluation(const SweepRun& run) {
    const run::RunSpec& spec = run.configuration->spec;
    sweep::Command command{kSelf,
                           {"gan_cuda", "eval", run.folder.string(), "--json", "--device",
                            run::name_of(spec.device), "--count", std::to_string(spec.eval_count),
                            "--image-size", std::to_string(spec.data.image_size)},
                           evaluated(run),
                           run.log()};
    const auto add = [&](const char* option, const std::string& value) {
      command.arguments.insert(command.arguments.end(), {option, value});
    };
    if (!spec.data.source.empty()) add("--data", spec.data.source);
    const auto& groups = run.configuration->groups;
    if (!groups.empty()) add("--measures", fmt::format("{}", fmt::join(groups, ",")));
    if (is_on_cpu(run)) add("--threads", "1");
    return command;
  }

  sweep::Command training(const SweepRun& run) const {
    sweep::Command command{kSelf, {"gan_cuda", "train", "--quiet"}, "/dev/null", run.log()};
    const auto add = [&](std::initializer_list<std::string> more) {
      command.arguments.insert(command.arguments.end(), more);
    };
    if (fs::exists(run.folder / "checkpoint.safetensors")) {
      add({"--resume", run.folder.string()});
    } else {
      add({"--config", configuration_file(*run.configuration).string(), "--seed",
           std::to_string(run.seed), "--out", run.folder.string()});
      if (is_on_cpu(run)) add({"--threads", "1"});
    }
    return command;
  }

  // This very program, even when a build has put another in its place meanwhile.
  static constexpr const char* kSelf = "/proc/self/exe";

  static fs::path evaluated(const SweepRun& run) { return run.folder / "evaluation.part"; }

  // What cannot be read is left to the run's own training, which fails and says why.
  static bool is_trained(const SweepRun& run) {
    if (!fs::exists(run.folder / "checkpoint.safetensors")) return false;
    try {
      const run::RunFolder folder = run::RunFolder::at(run.folder);
      const run::Checkpoint there = run::load_checkpoint(folder.checkpoint());
      return there.step >= there.spec.total_steps() && train::is_finished(folder, there.spec);
    } catch (const std::runtime_error&) {
      return false;
    }
  }

  void finish(const sweep::Ended& ended, bool stopping) {
    SweepRun& run = runs_[static_cast<std::size_t>(ended.id)];
    if (ended.code != 0) {
      if (stopping) return;
      ++failed_;
      tell(fmt::format("{} failed with exit code {}: {}", run.name(), ended.code,
                       last_line(run.log())));
      return;
    }
    if (run.stage == Stage::training) {
      run.stage = Stage::evaluation;
      waiting_.push_front(ended.id);
      return;
    }
    fs::rename(evaluated(run), run.folder / "evaluation.jsonl");
    run.metrics = sweep::metrics_of_run(run.folder);
    tell("done: " + run.name());
    save_results();
  }

  std::vector<sweep::ConfigurationResult> results() const {
    std::vector<sweep::ConfigurationResult> all;
    auto run = runs_.begin();
    for (const sweep::Configuration& configuration : plan_.configurations) {
      sweep::ConfigurationResult result{
          configuration.name, static_cast<int>(plan_.seeds.size()), {}};
      for (std::size_t i = 0; i < plan_.seeds.size(); ++i, ++run)  // one after another in runs_
        if (run->metrics) result.done.push_back(*run->metrics);
      all.push_back(std::move(result));
    }
    return all;
  }

  void save_results() const {
    lock_->require_held();
    const auto all = results();
    base::write_file(options_.out / "sweep.md", sweep::sweep_table(all));
    base::write_file(options_.out / "sweep.json", to_json(all).dump(2) + "\n");
  }

  const SweepOptions& options_;
  const sweep::SweepPlan& plan_;
  std::vector<SweepRun> runs_;
  std::deque<int> waiting_;  // numbers of runs
  int failed_ = 0;
  std::optional<base::FolderLock> lock_;
};

// What each --data and --image-size of a sweep give: they are looked at once.
using KnownData = std::map<std::pair<std::string, int>, run::DataSpec>;

const run::DataSpec& data_of(const run::DataSpec& asked, KnownData& known) {
  const std::pair key(asked.source, asked.image_size);
  auto found = known.find(key);
  if (found == known.end()) {
    const data::DataSource source = open_data(asked.source, asked.image_size);
    found = known
                .emplace(key,
                         describe(source, source.load_images(data::Split::train), asked.image_size))
                .first;
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
  Sweep sweep(options, plan);
  if (!options.dry_run) return sweep.carry_out();
  sweep.describe();
  return 0;
}

}  // namespace gan::cli
