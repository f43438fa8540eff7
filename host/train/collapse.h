// Warns while a run trains that it has failed in one of the usual ways: D wins, or G collapses. The
// losses show it only to those who know them.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>

#include "host/io/metrics.h"
#include "host/run/run_spec.h"

namespace gan::train {

class CollapseWatch {
 public:
  explicit CollapseWatch(const run::RunSpec& spec);

  // A line of warning when D has told real from generated images without fail for three reports,
  // so that G learns next to nothing any more.  Once, until D errs again.
  std::optional<std::string> losses(const io::MetricsRow& row);

  // A line of warning when G's images of different z are all alike: on two sheets in a row, and
  // not in the first epochs, in which many a run gets over it.  Once, until they differ again.
  // images: (count, pixels), in [0, 1].
  std::optional<std::string> samples(std::span<const float> images, int pixels, std::int64_t epoch);

 private:
  double least_loss_;  // that D can have
  bool has_label_;     // for real images, to smooth
  int won_ = 0;        // reports in a row in which D was right without fail
  double beta1_;
  int alike_ = 0;  // sheets in a row, after the first epochs, whose images are all alike
};

// What a run throws whose numbers are no longer finite.  To resume it would end in the same way,
// and its rates cannot change.
std::runtime_error diverged(std::int64_t step, const std::string& what);

}  // namespace gan::train
