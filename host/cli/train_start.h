// A training run on the way to its first step.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "host/cli/options.h"
#include "host/data/dataset.h"
#include "host/run/run_folder.h"
#include "host/train/ranked_engine.h"

namespace gan::cli {

// A run that is resumed.
struct Resumed {
  run::RunFolder folder;
  std::filesystem::path file;  // the checkpoint that it resumes from
  std::optional<run::Checkpoint> checkpoint;
};

// On the way to the first step.
struct Start {
  CommandLine line;
  std::optional<Resumed> resumed;
  run::RunSpec spec;
  std::optional<data::DataSource> source;
  data::Images images = {};
  std::unique_ptr<train::Exchange> exchange;  // none: the run is alone
  std::unique_ptr<train::Engine> engine;
};

// Reads what the run is, and opens its images.  `ranks`: null for a run that is alone.
void describe(Start& start, const ranks::Ranks* ranks);

// Loads the images, and resolves what the run left open.
void resolve(Start& start, const ranks::Ranks* ranks);

// Makes the engine and, if there is a checkpoint, puts its state in it.  The images are dropped.
void start_engine(Start& start, const ranks::Ranks* ranks);

// The folder of the run, as it must be before the run trains.
run::RunFolder begin_folder(const Start& start, std::optional<double> train_seconds);

}  // namespace gan::cli
