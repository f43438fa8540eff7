// Shows the progress of training on stderr: one line that is renewed on a terminal, else a line for
// each epoch with a new row of metrics.
#pragma once
#include <chrono>
#include <cstddef>
#include <string>

#include "host/train/trainer.h"

namespace gan::cli {

class Progress : public train::Observer {
 public:
  Progress(const run::RunSpec& spec, std::int64_t first_step);

  void losses(const io::MetricsRow& row) override;
  void epoch_done(std::int64_t epoch) override;
  void warning(const std::string& line) override;

  // Ends the renewed line, so that the next output begins on a new line.
  void finish();

 private:
  std::string line(std::size_t columns) const;
  double seconds_left() const;

  std::int64_t total_steps_, first_step_;
  int epochs_;
  model::Judgement judgement_;
  bool terminal_;
  io::MetricsRow row_;
  std::int64_t said_step_ = 0;  // the step of the last row that was printed as a line
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Shows nothing, for --quiet.
class Silence : public train::Observer {
 public:
  void losses(const io::MetricsRow&) override {}
  void epoch_done(std::int64_t) override {}
  void warning(const std::string&) override {}
};

// "48 s", "3 min 20 s", "2 h 5 min".
std::string duration_text(double seconds);

}  // namespace gan::cli
