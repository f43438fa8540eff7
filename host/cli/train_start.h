// The start of a training run, until its first step.
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

// The state of the start.  The functions below fill it, in this order.
struct Start {
  CommandLine line;
  std::optional<Resumed> resumed;
  run::RunSpec spec;
  std::optional<data::DataSource> source;
  data::Images images = {};
  std::unique_ptr<train::Exchange> exchange;  // null: there is one rank
  std::unique_ptr<train::Engine> engine;
};

// Finds the settings of the run and opens its images.  `ranks` is null when there is one rank.
void describe(Start& start, const ranks::Ranks* ranks);

// Loads the images, and turns the settings into a run that this machine can do.
void resolve(Start& start, const ranks::Ranks* ranks);

// Makes the engine and, if there is a checkpoint, puts its state in it.  The images are dropped.
void start_engine(Start& start, const ranks::Ranks* ranks);

// Makes the folder of the run, or prepares that of the resumed run, for training.
run::RunFolder begin_folder(const Start& start, std::optional<double> train_seconds);

}  // namespace gan::cli
