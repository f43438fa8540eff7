#include "host/sweep/sweep.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "host/base/atomic_file.h"
#include "host/base/file.h"
#include "host/run/run_folder.h"
#include "host/train/engine.h"
#include "host/train/run_report.h"
#include "kernels/cpu/cores.h"

namespace gan::sweep {
namespace {

namespace fs = std::filesystem;

// This very program, even when a build has put another in its place meanwhile.
constexpr const char* kSelf = "/proc/self/exe";

fs::path evaluated(const SweepRun& run) {
  return run.folder / "evaluation.part";
}

// What a child said last, which is why it failed.
std::string last_line(const fs::path& log) {
  std::string text = base::read_file(log);
  while (text.ends_with('\n')) text.pop_back();
  return text.empty() ? "it said nothing" : text.substr(text.rfind('\n') + 1);
}

bool is_on_cpu(const SweepRun& run) {
  return train::resolve_device(run.configuration->spec.device) == run::kCpu;
}

Command evaluation(const SweepRun& run) {
  const run::RunSpec& spec = run.configuration->spec;
  Command command{kSelf,
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

// What cannot be read is left to the run's own training, which fails and says why.
bool is_trained(const SweepRun& run) {
  if (!fs::exists(run.folder / "checkpoint.safetensors")) return false;
  try {
    const run::RunFolder folder = run::RunFolder::at(run.folder);
    const run::Checkpoint there = run::load_checkpoint(folder.checkpoint());
    return there.step >= there.spec.total_steps() && train::is_finished(folder, there.spec);
  } catch (const std::runtime_error&) {
    return false;
  }
}

}  // namespace

std::string SweepRun::name() const {
  return fmt::format("{}, seed {}", configuration->name, seed);
}

Sweep::Sweep(const SweepPlan& plan, fs::path out) : plan_(plan), out_(std::move(out)) {
  for (const Configuration& configuration : plan.configurations)
    for (const std::uint64_t seed : plan.seeds)
      runs_.push_back(
          {&configuration, seed, out_ / configuration.name / fmt::format("seed_{}", seed)});
}

void Sweep::carry_out(int jobs, const std::atomic<bool>& stopping,
                      const std::function<void(const std::string& line)>& tell) {
  if (fs::exists(out_ / "checkpoint.safetensors"))
    throw base::UsageError(out_.string() + " is the folder of a run; name another with --out");
  base::make_folder(out_);
  lock_.emplace(out_);
  base::remove_leftovers(out_);
  tell_ = tell;
  for (const Configuration& configuration : plan_.configurations) store(configuration);
  for (SweepRun& run : runs_) run.metrics = metrics_of_run(run.folder);
  save_results();
  for (std::size_t i = 0; i < runs_.size(); ++i)
    if (!runs_[i].metrics) waiting_.push_back(static_cast<int>(i));
  if (jobs == 0) jobs = is_on_cpu(runs_.front()) ? available_cores() : 1;
  work(static_cast<std::size_t>(jobs), stopping);
  save_results();
}

fs::path Sweep::configuration_file(const Configuration& configuration) const {
  return out_ / configuration.name / "configuration.json";
}

// A sweep that resumes must have the configurations that it began with.
void Sweep::store(const Configuration& configuration) const {
  const fs::path path = configuration_file(configuration);
  const std::string text =
      nlohmann::ordered_json{{"run", to_json(configuration.spec)}}.dump(2) + "\n";
  if (fs::exists(path)) {
    if (base::read_file(path) != text)
      throw base::UsageError(
          fmt::format("configuration {} is not the one that {} began with; give it another name "
                      "or another --out",
                      configuration.name, out_.string()));
    return;
  }
  base::make_folder(path.parent_path());
  base::write_file(path, text);
}

void Sweep::work(std::size_t jobs, const std::atomic<bool>& stopping) {
  Children children;
  bool told_to_stop = false;
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
void Sweep::start(Children& children, int id) {
  SweepRun& run = runs_[static_cast<std::size_t>(id)];
  if (is_trained(run)) run.stage = Stage::evaluation;
  children.start(id, run.stage == Stage::evaluation ? evaluation(run) : training(run));
}

Command Sweep::training(const SweepRun& run) const {
  Command command{kSelf, {"gan_cuda", "train", "--quiet"}, "/dev/null", run.log()};
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

void Sweep::finish(const Ended& ended, bool stopping) {
  SweepRun& run = runs_[static_cast<std::size_t>(ended.id)];
  if (ended.code != 0) {
    if (stopping) return;
    ++failed_;
    tell_(fmt::format("{} failed with exit code {}: {}", run.name(), ended.code,
                      last_line(run.log())));
    return;
  }
  if (run.stage == Stage::training) {
    run.stage = Stage::evaluation;
    waiting_.push_front(ended.id);
    return;
  }
  fs::rename(evaluated(run), run.folder / "evaluation.jsonl");
  run.metrics = metrics_of_run(run.folder);
  tell_("done: " + run.name());
  save_results();
}

std::vector<ConfigurationResult> Sweep::results() const {
  std::vector<ConfigurationResult> all;
  auto run = runs_.begin();
  for (const Configuration& configuration : plan_.configurations) {
    ConfigurationResult result{configuration.name, static_cast<int>(plan_.seeds.size()), {}};
    for (std::size_t i = 0; i < plan_.seeds.size(); ++i, ++run)  // one after another in runs_
      if (run->metrics) result.done.push_back(*run->metrics);
    all.push_back(std::move(result));
  }
  return all;
}

void Sweep::save_results() const {
  lock_->require_held();
  const auto all = results();
  base::write_file(out_ / "sweep.md", sweep_table(all));
  base::write_file(out_ / "sweep.json", to_json(all).dump(2) + "\n");
}

}  // namespace gan::sweep
