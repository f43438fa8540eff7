// What TensorBoard shows of a run, written while it trains.
#pragma once
#include "host/io/tensorboard/event_file.h"
#include "host/train/trainer.h"

namespace gan::train {

// Writes what it is told into an event file, and passes it on.
class EventLog : public Observer {
 public:
  EventLog(const run::RunSpec& spec, io::EventFile& file, Observer& next)
      : file_(file), next_(next), judgement_(model::judgement_of(spec.loss)) {}

  void losses(const io::MetricsRow& row) override;
  void sheet(std::int64_t step, run::GeneratorWeights weights, const io::Image& image) override;
  void epoch_done(std::int64_t epoch) override { next_.epoch_done(epoch); }
  void warning(const std::string& line) override { next_.warning(line); }
  void restore_files() override;

 private:
  io::EventFile& file_;
  Observer& next_;
  model::Judgement judgement_;
};

// Whether a tag is that of a row of metrics, or of a sheet.  All others are of evaluations.
bool is_of_row(const std::string& tag);
bool is_of_sheet(const std::string& tag);

}  // namespace gan::train
