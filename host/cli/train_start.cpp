#include "host/cli/train_start.h"

#include <fmt/format.h>

#include <utility>

#include "host/cli/command.h"
#include "host/cli/messages.h"
#include "host/train/run_report.h"

namespace gan::cli {
namespace {

namespace fs = std::filesystem;

// Sets the folder back to an older checkpoint, as if the run had got no further.
void go_back_to(const fs::path& older, const run::RunSpec& spec, train::Engine& engine,
                const run::RunFolder& folder) {
  if (run::drop_best_after(folder, engine.step()))
    tell(
        fmt::format("{} was from after step {} and is removed; the best generator is chosen again "
                    "from here on",
                    folder.model("G_best").string(), engine.step()));
  run::save_models(folder, spec, engine.state());
  run::go_back(folder, older, spec, engine.step());
}

// Opens the run at `path`.  `holds`: whether this rank locks the folder, which only one may do.
Resumed open_run(const fs::path& path, bool holds) {
  const fs::path at = fs::is_directory(path) || !path.has_parent_path() ? path : path.parent_path();
  run::RunFolder folder = holds ? run::RunFolder::open(path) : run::RunFolder::at(at);
  const fs::path file =
      fs::is_directory(path) ? folder.checkpoint() : folder.path() / path.filename();
  run::Checkpoint checkpoint = run::load_checkpoint_of(folder, file);
  return {std::move(folder), file, std::move(checkpoint)};
}

}  // namespace

void describe(Start& start, const ranks::Ranks* ranks) {
  const bool leads = ranks == nullptr || ranks->self().is_first();
  if (!leads) start.line.quiet = true;
  const bool quiet = start.line.quiet;
  if (!start.line.resume.empty()) start.resumed = open_run(start.line.resume, leads);
  const run::RunSpec defaults = start.resumed ? start.resumed->checkpoint->spec : run::RunSpec();
  auto [spec, notice] = described_run(start.line, defaults);
  if (!quiet && !notice.empty()) tell(notice);
  if (ranks != nullptr) {
    if (!start.resumed && spec.shards == 1) spec.shards = train::kSharedShards;
    spec.device = train::device_of_rank(spec.device, ranks->self());
  }
  start.source = open_data(spec.data.source, spec.data.image_size);
  if (!quiet && !start.source->notice().empty()) tell(start.source->notice());
  start.spec = std::move(spec);
}

void resolve(Start& start, const ranks::Ranks* ranks) {
  run::RunSpec& spec = start.spec;
  auto [images, found] = load_training_images(*start.source, spec.data, spec.conditional);
  if (spec.data.crc32 != 0 && spec.data.crc32 != found.crc32 && !start.resumed)
    throw base::UsageError(
        "these are not the training images that --config asks for; to train on others, remove "
        "data-count, data-height, data-width and data-crc32 from that file");
  start.images = std::move(images);
  spec = train::resolve(spec, found);
  if (ranks != nullptr) train::require_shareable(spec, *ranks);
  if (!start.resumed) return;
  const run::Checkpoint& checkpoint = *start.resumed->checkpoint;
  run::require_same_training(checkpoint.spec, spec);
  const std::int64_t last = spec.total_steps();
  if (checkpoint.step > last ||
      (checkpoint.step == last && train::is_finished(start.resumed->folder, spec)))
    throw base::UsageError(fmt::format(
        "this run has done its {} steps already; give it more --epochs", checkpoint.step));
}

void start_engine(Start& start, const ranks::Ranks* ranks) {
  run::RunSpec spec = start.spec;
  if (ranks != nullptr && spec.threads == 0) spec.threads = ranks->self().cores;
  start.engine =
      train::make_engine(spec, start.images, start.exchange ? *start.exchange : train::alone());
  start.images = {};
  if (!start.resumed) return;
  const run::Checkpoint& checkpoint = *start.resumed->checkpoint;
  start.engine->restore(checkpoint.state, checkpoint.step);
}

run::RunFolder begin_folder(const Start& start, std::optional<double> train_seconds) {
  const run::RunSpec& spec = start.spec;
  const auto& resumed = start.resumed;
  const CommandLine& line = start.line;
  const auto& engine = start.engine;
  run::RunFolder folder = resumed            ? resumed->folder
                          : line.out.empty() ? run::RunFolder::create_dated()
                                             : run::RunFolder::create(line.out);
  // The first file, so that every folder with files of a run has a checkpoint to resume from.
  if (!resumed)
    run::save_checkpoint(folder.checkpoint(), spec, 0, engine->state(), train_seconds);
  else if (resumed->file != folder.checkpoint())
    go_back_to(resumed->file, spec, *engine, folder);
  run::save_config(folder, spec, engine->device_name());
  return folder;
}

}  // namespace gan::cli
