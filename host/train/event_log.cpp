#include "host/train/event_log.h"

#include <array>

#include "host/train/run_report.h"

namespace gan::train {
namespace {

const std::string kSheetTag = "samples/";

}  // namespace

bool is_of_row(const std::string& tag) {
  return tag == "loss/generator";  // the first value of every row
}

bool is_of_sheet(const std::string& tag) {
  return tag.starts_with(kSheetTag);
}

void EventLog::losses(const io::MetricsRow& row) {
  const std::string output = judgement_ == model::Judgement::score ? "score/" : "probability/";
  const std::array scalars = {
      io::Scalar{"loss/generator", row.loss_g}, io::Scalar{"loss/discriminator", row.loss_d},
      io::Scalar{"loss/real", row.loss_real},   io::Scalar{"loss/fake", row.loss_fake},
      io::Scalar{"loss/penalty", row.penalty},  io::Scalar{output + "real", row.d_real},
      io::Scalar{output + "fake", row.d_fake},  io::Scalar{"speed/images_per_s", row.images_per_s}};
  file_.scalars(row.step, scalars);
  next_.losses(row);
}

void EventLog::restore_files() {
  if (file_.restore()) warning(removed_text(file_.path()));
  next_.restore_files();
}

void EventLog::sheet(std::int64_t step, run::GeneratorWeights weights, const io::Image& image) {
  file_.image(step, kSheetTag + std::string(run::name_of(weights)), image);
  next_.sheet(step, weights, image);
}

}  // namespace gan::train
