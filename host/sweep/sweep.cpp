#include "host/sweep/sweep.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

#include "host/base/atomic_file.h"
#include "host/base/file.h"
#include "host/sweep/run_commands.h"

namespace gan::sweep {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFinished = "finished";  // an outcome

// What a child said last, which is why it failed.
std::string last_line(const fs::path& log) {
  std::string text = base::read_file(log);
  while (text.ends_with('\n')) text.pop_back();
  return text.empty() ? "it said nothing" : text.substr(text.rfind('\n') + 1);
}

}  // namespace

std::string SweepRun::name() const {
  return fmt::format("{}, seed {}", configuration->name, seed);
}

Sweep::Sweep(const SweepPlan& plan, fs::path out, ranks::Rank rank)
    : plan_(plan), out_(std::move(out)), rank_(rank) {
  for (const Configuration& configuration : plan.configurations)
    for (const std::uint64_t seed : plan.seeds)
      runs_.push_back(
          {&configuration, seed, out_ / configuration.name / fmt::format("seed_{}", seed)});
}

void Sweep::enter(int step) {
  if (step == 0 && rank_.is_first()) open();
  if (step == 1 && !rank_.is_first()) require_same_folder();
  if (step == 2 && rank_.is_first() && !rank_.is_alone()) lock_->share();
  if (step == 3 && !rank_.is_first()) lock_.emplace(base::FolderLock::join(out_));
}

void Sweep::open() {
  if (fs::exists(out_ / "checkpoint.safetensors"))
    throw base::UsageError(out_.string() + " is the folder of a run; name another with --out");
  base::make_folder(out_);
  lock_.emplace(out_);
  base::remove_leftovers(out_);
  for (const Configuration& configuration : plan_.configurations) store(configuration);
  for (SweepRun& run : runs_) {
    run.metrics = metrics_of_run(run.folder);
    forget_outcome(run.lock());
  }
  save_results();
}

// Claims need a folder and locks that all ranks see.
void Sweep::require_same_folder() const {
  if (fs::exists(out_) && base::is_held(out_)) return;
  throw std::runtime_error(fmt::format(
      "rank {} does not see that rank 0 holds {}; it must be in a file system that all machines "
      "have and that locks files between them (docs/scale.md)",
      rank_.number, out_.string()));
}

void Sweep::carry_out(int jobs, const std::atomic<bool>& stopping,
                      const std::function<void(const std::string& line)>& tell) {
  tell_ = tell;
  for (std::size_t i = 0; i < runs_.size(); ++i)
    if (!runs_[i].metrics) waiting_.push_back(static_cast<int>(i));
  if (jobs == 0) jobs = is_on_cpu(runs_.front()) ? rank_.cores : 1;
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
    if (std::chrono::steady_clock::now() >= next_look_) look();
    while (!stopping && !waiting_.empty() && attempts_ > 0 && children.running() < jobs)
      take_next(children);
    if (stopping && !std::exchange(told_to_stop, true)) children.send_all(SIGTERM);
    if (const auto ended = children.reap())
      finish(*ended, stopping);
    else
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

// What others work on may be free by now; and the first rank learns what they have finished.
void Sweep::look() {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  const std::size_t before = waiting_.size();
  if (rank_.is_first() && !rank_.is_alone())
    std::erase_if(waiting_, [&](int id) { return settle(runs_[static_cast<std::size_t>(id)]); });
  attempts_ = waiting_.size();
  if (attempts_ < before) save_results();
  // Thousands of runs in a slow file system take their time to look at.
  next_look_ = Clock::now() + std::max<Clock::duration>(std::chrono::milliseconds(300),
                                                        10 * (Clock::now() - began));
}

void Sweep::take_next(Children& children) {
  const int id = waiting_.front();
  waiting_.pop_front();
  --attempts_;
  SweepRun& run = runs_[static_cast<std::size_t>(id)];
  if (!run.claim) run.claim = Claim::take(run.lock());
  if (!run.claim)
    waiting_.push_back(id);
  else if (settle(run))
    run.claim.reset();
  else if (fs::exists(run.folder / "evaluation.jsonl"))  // by a rank that died at this moment
    conclude(run, kFinished);
  else
    start(children, id);
}

// Whether a run has ended, by any rank.
bool Sweep::settle(SweepRun& run) {
  const std::string outcome = outcome_in(run.lock());
  if (outcome.empty()) return false;
  if (outcome == kFinished) {
    run.metrics = metrics_of_run(run.folder);
    if (!run.metrics) return false;  // the file system does not show them yet
  } else {
    ++failed_;
  }
  tell_(outcome == kFinished ? "done: " + run.name() : run.name() + " " + outcome);
  return true;
}

// Records how a run ended, for all ranks, and lets go of it.
void Sweep::conclude(SweepRun& run, const std::string& outcome) {
  run.claim->set_outcome(outcome);
  settle(run);
  run.claim.reset();
}

// Begins what a run needs next.
void Sweep::start(Children& children, int id) {
  SweepRun& run = runs_[static_cast<std::size_t>(id)];
  if (is_trained(run)) run.stage = Stage::evaluation;
  children.start(id, command_of(run, rank_, configuration_file(*run.configuration)));
}

void Sweep::finish(const Ended& ended, bool stopping) {
  SweepRun& run = runs_[static_cast<std::size_t>(ended.id)];
  if (ended.code != 0) {
    if (stopping)
      run.claim.reset();
    else
      conclude(run, fmt::format("failed with exit code {}: {}", ended.code, last_line(run.log())));
    return;
  }
  if (run.stage == Stage::training) {
    run.stage = Stage::evaluation;
    waiting_.push_front(ended.id);
    ++attempts_;
    return;
  }
  fs::rename(evaluated(run), run.folder / "evaluation.jsonl");
  conclude(run, kFinished);
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
  if (!rank_.is_first()) return;
  const auto all = results();
  base::write_file(out_ / "sweep.md", sweep_table(all));
  base::write_file(out_ / "sweep.json", to_json(all).dump(2) + "\n");
}

}  // namespace gan::sweep
