#include "host/train/event_log.h"

#include <array>

namespace gan {

std::string weights_name(GeneratorWeights weights) {
  return weights == GeneratorWeights::average ? "average" : "trained";
}

bool is_of_row(const std::string& tag) {
  return tag == "loss/generator";  // the first of a row's event
}

bool is_of_sheet(const std::string& tag) {
  return tag.starts_with("samples/");
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

void EventLog::sheet(std::int64_t step, GeneratorWeights weights, const Image& image) {
  file_.image(step, "samples/" + weights_name(weights), image);
  next_.sheet(step, weights, image);
}

}  // namespace gan
