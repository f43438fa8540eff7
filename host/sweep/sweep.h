// A sweep: its runs as processes of their own, several at a time, in one folder.
#pragma once
#include <atomic>
#include <chrono>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/base/folder.h"
#include "host/ranks/ranks.h"
#include "host/sweep/children.h"
#include "host/sweep/claim.h"
#include "host/sweep/sweep_plan.h"
#include "host/sweep/sweep_results.h"

namespace gan::sweep {

// A run is trained, then evaluated.
enum class Stage { training, evaluation };

struct SweepRun {
  const Configuration* configuration;
  std::uint64_t seed;
  std::filesystem::path folder;
  Stage stage = Stage::training;
  std::optional<Metrics> metrics = {};  // once it is finished
  std::optional<Claim> claim = {};      // while this program works on it

  std::string name() const;
  std::filesystem::path log() const { return folder.string() + ".log"; }
  std::filesystem::path lock() const { return folder.string() + ".lock"; }
};

// Several ranks may carry out the same sweep.  Nobody deals out its runs: each rank claims what
// nobody works on (claim.h), so that whoever dies leaves its runs to the others.
class Sweep {
 public:
  // Runs of `plan`, which must outlive it, in the folder `out`.
  Sweep(const SweepPlan& plan, std::filesystem::path out, ranks::Rank rank);

  const std::vector<SweepRun>& runs() const { return runs_; }

  // Holds the folder, in steps 0 to kSteps - 1: no rank may begin one before all have done the
  // last. Throws UsageError when the folder is not one of this sweep, and std::runtime_error when
  // somebody else has it or when not all ranks see it.
  static constexpr int kSteps = 4;
  void enter(int step);

  // Trains and evaluates what is not finished, so many runs at a time (0: one a core on a CPU, 1 on
  // a GPU), until `stopping` becomes true or all ranks have finished; tells a line about each.
  void carry_out(int jobs, const std::atomic<bool>& stopping,
                 const std::function<void(const std::string& line)>& tell);

  // Of what is finished.
  std::vector<ConfigurationResult> results() const;
  int failed() const { return failed_; }

 private:
  std::filesystem::path configuration_file(const Configuration& configuration) const;
  void store(const Configuration& configuration) const;
  void open();
  void require_same_folder() const;
  void work(std::size_t jobs, const std::atomic<bool>& stopping);
  void look();
  void take_next(Children& children);
  bool settle(SweepRun& run);
  void conclude(SweepRun& run, const std::string& outcome);
  void start(Children& children, int id);
  void finish(const Ended& ended, bool stopping);
  void save_results() const;

  const SweepPlan& plan_;
  std::filesystem::path out_;
  std::function<void(const std::string& line)> tell_;
  std::vector<SweepRun> runs_;
  ranks::Rank rank_;
  std::deque<int> waiting_;   // numbers of runs
  std::size_t attempts_ = 0;  // of claiming one of them, before the next look
  std::chrono::steady_clock::time_point next_look_ = {};
  int failed_ = 0;
  std::optional<base::FolderLock> lock_;
};

}  // namespace gan::sweep
