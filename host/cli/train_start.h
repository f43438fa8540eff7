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
  std::unique_ptr<train::Engine> engine;
};

// With whom a run is shared, and how.
struct Sharing {
  const ranks::Ranks& ranks;
  std::optional<train::RankExchange> exchange;  // when the run is known
};

// Reads what the run is, and opens its images.  `sharing`: null for a run that is alone.
void describe(Start& start, const Sharing* sharing);

// Makes the engine with its data and, if there is one, the checkpoint's state in it.  Resolves what
// `start.spec` left open.
void start_engine(Start& start, Sharing* sharing);

// The folder of the run, as it must be before the run trains.
run::RunFolder begin_folder(const Start& start, std::optional<double> train_seconds);

}  // namespace gan::cli
