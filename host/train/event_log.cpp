#include "host/train/event_log.h"

#include <array>

#include "host/train/run_report.h"

namespace gan {
namespace {

const std::string kSheets = "samples/";

}  // namespace

std::string weights_name(GeneratorWeights weights) {
  return weights == GeneratorWeights::average ? "average" : "trained";
}

bool is_of_row(const std::string& tag) {
  return tag == "loss/generator";  // the first of a row's event
}

bool is_of_sheet(const std::string& tag) {
  return tag.starts_with(kSheets);
}

void EventLog::losses(const MetricsRow& row) {
  const std::array scalars = {
      Scalar{"loss/generator", row.loss_g},   Scalar{"loss/discriminator", row.loss_d},
      Scalar{"loss/real", row.loss_real},     Scalar{"loss/fake", row.loss_fake},
      Scalar{"loss/penalty", row.penalty},    Scalar{"probability/real", row.d_real},
      Scalar{"probability/fake", row.d_fake}, Scalar{"speed/images_per_s", row.images_per_s}};
  file_.scalars(row.step, scalars);
  next_.losses(row);
}

void EventLog::restore_files() {
  if (file_.restore()) warning(removed_text(file_.path()));
  next_.restore_files();
}

void EventLog::sheet(std::int64_t step, GeneratorWeights weights, const Image& image) {
  file_.image(step, kSheets + weights_name(weights), image);
  next_.sheet(step, weights, image);
}

}  // namespace gan
