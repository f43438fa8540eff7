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
// (metrics, evaluations, events).  create() and open() lock the folder for as long as their results
// and copies live, so that no other run trains there.  They throw std::runtime_error when another
// run holds it.
class RunFolder {
 public:
  // Makes the folder.  Throws UsageError when it already has a run or a sweep.
  static RunFolder create(const std::filesystem::path& path);
  // Makes runs/<date-time>, or runs/<date-time>-2, -3, … when that exists already.
  static RunFolder create_dated();
  // The folder of an earlier run.  `path` is the folder or one of its checkpoints.  Throws
  // UsageError when there is no checkpoint.
  static RunFolder open(const std::filesystem::path& path);

  // The folder of an earlier run, for reading only.  Throws std::runtime_error when it has no
  // checkpoint.
  static RunFolder at(const std::filesystem::path& path);

  // Throws std::runtime_error when the lock of create() or open() no longer protects the folder;
  // see FolderLock.
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
  // checkpoint_<step>.safetensors, the copy of an earlier checkpoint.
  std::filesystem::path older_checkpoint(std::int64_t step) const;
  std::vector<std::int64_t> older_checkpoints() const;  // their steps, oldest first
  std::filesystem::path evaluations() const { return path_ / "evaluations.jsonl"; }
  // model_G.pth, the generator for PyTorch.
  std::filesystem::path pytorch_model() const { return path_ / "model_G.pth"; }
  // model_<network>.safetensors, where `network` is "G", "D", "G_ema" or "G_best".
  std::filesystem::path model(const std::string& network) const;
  // samples/epoch_NNNN.png, or epoch_NNNN_ema.png with averaged weights.
  std::filesystem::path samples(std::int64_t epoch, GeneratorWeights weights) const;
  // samples/step_N.png or step_N_ema.png, for a run that --max-steps ended within an epoch.
  std::filesystem::path last_samples(std::int64_t step, GeneratorWeights weights) const;
  // The epoch in the name of a sample sheet; 0 for another name.
  std::int64_t epoch_of_sheet(const std::filesystem::path& sheet) const;

 private:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}
  void hold();  // locks the folder, and removes the temporary files of runs that were killed

  std::filesystem::path path_;
  std::shared_ptr<const base::FolderLock> lock_;  // null: for reading only
};

struct Checkpoint {
  RunSpec spec;
  std::int64_t step;  // steps completed
  // The time of training until this step.  Only evaluated runs keep it, because a time makes any
  // two files differ.
  std::optional<double> train_seconds;
  io::TensorFile state;  // from Engine::state()
};

void save_checkpoint(const std::filesystem::path& path, const RunSpec& spec, std::int64_t step,
                     const std::vector<io::Tensor>& state,
                     std::optional<double> train_seconds = {});
// Throws std::runtime_error when the file is not a complete checkpoint of a valid run, or has
// numbers that are not finite.
Checkpoint load_checkpoint(const std::filesystem::path& path);

// The checkpoint at `path`, which is the folder's newest or an older one.  Throws
// std::runtime_error, which names an older checkpoint to resume from when the newest is damaged.
Checkpoint load_checkpoint_of(const RunFolder& folder, const std::filesystem::path& path);

// Removes the sample sheets of a run that ended within an epoch, because the run resumes.
void drop_last_samples(const RunFolder& folder);

// The next three functions leave a complete checkpoint in the folder whenever the program is
// killed.

// Copies the checkpoint, which is that of `step`, to older_checkpoint(step).
void keep_checkpoint(const RunFolder& folder, std::int64_t step);
// Removes the older checkpoints that are not from before `step`, and of the others all but the
// newest `keep`.
void drop_checkpoints(const RunFolder& folder, std::int64_t step, int keep);
// Replaces the newest checkpoint by an older one, of `step`, and removes the checkpoints and sample
// sheets from after it.
void go_back(const RunFolder& folder, const std::filesystem::path& older, const RunSpec& spec,
             std::int64_t step);
// Removes the best generator if it is from after `step`, and returns whether it was.
bool drop_best_after(const RunFolder& folder, std::int64_t step);

// The model `network` ("G", "D" or "G_ema") from an engine's state, with the tensor names of the
// PyTorch modules.  Its metadata have the slope of a LeakyReLU and the size of the images.  It has
// no tensors when the state has none of that model.
io::TensorFile model_of(const std::vector<io::Tensor>& state, const RunSpec& spec,
                        const std::string& network);
// Writes all three models, and G as a .pth, too.
void save_models(const RunFolder& folder, const RunSpec& spec,
                 const std::vector<io::Tensor>& state);

// The content of config.json, as save_config() wrote it.  Throws std::runtime_error when it is
// damaged or does not describe a valid run.
nlohmann::ordered_json load_config(const RunFolder& folder);

// config.json: the run, the program's version and commit, and the device it runs on.
nlohmann::ordered_json config_json(const RunSpec& spec, const std::string& device_name);
void save_config(const RunFolder& folder, const RunSpec& spec, const std::string& device_name);

}  // namespace gan::run
