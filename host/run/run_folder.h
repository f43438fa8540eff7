// The folder of a run: the paths of its files (docs/run-folder.md), and how its checkpoints and
// models are saved.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "host/base/folder.h"
#include "host/io/safetensors.h"
#include "host/run/run_spec.h"

namespace gan::run {

// The files of a run.  They are written whole or not at all, except those that grow by rows
// (metrics, evaluations, events).  create() and open() hold the folder as long as their results and
// copies live: nobody else trains there (std::runtime_error if somebody does).
class RunFolder {
 public:
  // Makes the folder; refuses one that holds a run already, or a sweep (UsageError).
  static RunFolder create(const std::filesystem::path& path);
  // A new folder runs/<date-time>, or with -2, -3 … after it when that is taken.
  static RunFolder create_dated();
  // The folder of an earlier run, or that of one of its checkpoints (UsageError if there is no
  // checkpoint).
  static RunFolder open(const std::filesystem::path& path);

  // The folder of an earlier run, to be looked at: nothing is made in it (std::runtime_error if
  // there is no checkpoint in it).
  static RunFolder at(const std::filesystem::path& path);

  // Throws std::runtime_error when a folder that create() or open() held is no longer held; see
  // FolderLock.
  void require_held() const {
    if (lock_) lock_->require_held();
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config() const { return path_ / "config.json"; }
  std::filesystem::path metrics() const { return path_ / "metrics.csv"; }
  std::filesystem::path losses_png() const { return path_ / "losses.png"; }
  std::filesystem::path report() const { return path_ / "report.html"; }
  std::filesystem::path explore() const { return path_ / "explore.html"; }
  std::filesystem::path checkpoint() const { return path_ / "checkpoint.safetensors"; }
  // checkpoint_<step>.safetensors: one from before.
  std::filesystem::path older_checkpoint(std::int64_t step) const;
  std::vector<std::int64_t> older_checkpoints() const;  // their steps, the oldest first
  std::filesystem::path evaluations() const { return path_ / "evaluations.jsonl"; }
  // model_G.pth, the generator for PyTorch.
  std::filesystem::path pytorch_model() const { return path_ / "model_G.pth"; }
  // Of "G", "D", "G_ema" and "G_best": model_<network>.safetensors.
  std::filesystem::path model(const std::string& network) const;
  // samples/epoch_NNNN.png, and epoch_NNNN_ema.png by the averaged weights.
  std::filesystem::path samples(std::int64_t epoch, GeneratorWeights weights) const;
  // samples/step_N.png and step_N_ema.png, of a run that --max-steps ended within an epoch.
  std::filesystem::path last_samples(std::int64_t step, GeneratorWeights weights) const;
  // The epoch of a sheet with such a name; 0: it has another.
  std::int64_t epoch_of_sheet(const std::filesystem::path& sheet) const;

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  void hold();  // and removes the temporary files of runs that were killed

  std::filesystem::path path_;
  std::shared_ptr<const base::FolderLock> lock_;  // none: only looked at
};

struct Checkpoint {
  RunSpec spec;
  std::int64_t step;  // steps completed
  // Of training, that they took.  Kept for runs that are evaluated only, because no two files are
  // the same with a time in them.
  std::optional<double> train_seconds;
  io::TensorFile state;  // as Engine::state() gave it
};

void save_checkpoint(const std::filesystem::path& path, const RunSpec& spec, std::int64_t step,
                     const std::vector<io::Tensor>& state,
                     std::optional<double> train_seconds = {});
// Throws std::runtime_error when that is not a whole checkpoint of a possible run, or holds numbers
// that are not finite.
Checkpoint load_checkpoint(const std::filesystem::path& path);

// The checkpoint at `path`, which is that of the folder or an older one.  Throws
// std::runtime_error; when the newest is damaged, it names the older one to resume from.
Checkpoint load_checkpoint_of(const RunFolder& folder, const std::filesystem::path& path);

// Removes the sheets of an end within an epoch: the run resumes.
void drop_last_samples(const RunFolder& folder);

// What a folder keeps beside its checkpoint, which stays whole whenever the program is killed:
// Copies the checkpoint, which is that of `step`, to older_checkpoint(step).
void keep_checkpoint(const RunFolder& folder, std::int64_t step);
// Removes all older checkpoints but the newest `keep`, and those that are not from before `step`.
void drop_checkpoints(const RunFolder& folder, std::int64_t step, int keep);
// Puts an older checkpoint, of `step`, in the place of the newest and drops those after it, and the
// sheets of samples.
void go_back(const RunFolder& folder, const std::filesystem::path& older, const RunSpec& spec,
             std::int64_t step);
// Removes the best generator if it is from after `step`; tells whether it was.
bool drop_best_after(const RunFolder& folder, std::int64_t step);

// Of "G", "D" and "G_ema": that model out of an engine's state, with the tensor names of the
// PyTorch modules; its metadata tell a LeakyReLU's slope and the size of the images.  It has no
// tensors when the state has none of that model.
io::TensorFile model_of(const std::vector<io::Tensor>& state, const RunSpec& spec,
                        const std::string& network);
// Writes all of them, and G as a .pth, too.
void save_models(const RunFolder& folder, const RunSpec& spec,
                 const std::vector<io::Tensor>& state);

// What config.json holds, as save_config() wrote it.  Throws std::runtime_error when it is damaged
// or describes no possible run.
nlohmann::ordered_json load_config(const RunFolder& folder);

// config.json: the run, the program's version and commit, and the device it runs on.
nlohmann::ordered_json config_json(const RunSpec& spec, const std::string& device_name);
void save_config(const RunFolder& folder, const RunSpec& spec, const std::string& device_name);

}  // namespace gan::run
