// A sweep: its runs as processes of their own, several at a time, in one folder.
#pragma once
#include <atomic>
#include <deque>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "host/base/folder.h"
#include "host/sweep/children.h"
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

  std::string name() const;
  std::filesystem::path log() const { return folder.string() + ".log"; }
};

class Sweep {
 public:
  // Runs of `plan`, which must outlive it, in the folder `out`.
  Sweep(const SweepPlan& plan, std::filesystem::path out);

  const std::vector<SweepRun>& runs() const { return runs_; }

  // Trains and evaluates what is not finished, so many runs at a time (0: one a core on a CPU, 1 on
  // a GPU), until `stopping` becomes true; tells a line about each.  Throws UsageError when the
  // folder is not one of this sweep, or somebody's.
  void carry_out(int jobs, const std::atomic<bool>& stopping,
                 const std::function<void(const std::string& line)>& tell);

  // Of what is finished.
  std::vector<ConfigurationResult> results() const;
  int failed() const { return failed_; }

 private:
  std::filesystem::path configuration_file(const Configuration& configuration) const;
  void store(const Configuration& configuration) const;
  void work(std::size_t jobs, const std::atomic<bool>& stopping);
  void start(Children& children, int id);
  Command training(const SweepRun& run) const;
  void finish(const Ended& ended, bool stopping);
  void save_results() const;

  const SweepPlan& plan_;
  std::filesystem::path out_;
  std::function<void(const std::string& line)> tell_;
  std::vector<SweepRun> runs_;
  std::deque<int> waiting_;  // numbers of runs
  int failed_ = 0;
  std::optional<base::FolderLock> lock_;
};

}  // namespace gan::sweep
