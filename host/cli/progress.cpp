#include "host/cli/progress.h"

#include <fmt/format.h>

#include "host/cli/messages.h"

namespace gan::cli {
namespace {

// Writes 12345 as 12,345.
std::string grouped(std::int64_t n) {
  return n < 1000 ? std::to_string(n) : fmt::format("{},{:03}", grouped(n / 1000), n % 1000);
}

// D's mean output on real and on generated images.
std::string judgement_text(model::Judgement judgement, const io::MetricsRow& row) {
  switch (judgement) {
    case model::Judgement::preference:
      return fmt::format("  P(real over generated) {:.2f}", row.d_real);
    case model::Judgement::score:
      return fmt::format("  score of real {:.2f}, generated {:.2f}", row.d_real, row.d_fake);
    case model::Judgement::probability:
      break;
  }
  return fmt::format("  D(x) {:.2f}  D(G(z)) {:.2f}", row.d_real, row.d_fake);
}

}  // namespace

std::string duration_text(double seconds) {
  const auto s = static_cast<std::int64_t>(seconds + 0.5);
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
  return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
}

Progress::Progress(const run::RunSpec& spec, std::int64_t first_step)
    : total_steps_(spec.total_steps()),
      first_step_(first_step),
      epochs_(spec.epochs),
      judgement_(model::judgement_of(spec.loss)),
      terminal_(renews_lines()) {}

void Progress::losses(const io::MetricsRow& row) {
  row_ = row;
  if (terminal_) renew_line(line(static_cast<std::size_t>(terminal_columns() - 1)));
}

// An epoch without a new row of metrics prints nothing.
void Progress::epoch_done(std::int64_t) {
  if (terminal_ || row_.step <= said_step_) return;
  say(line(std::string::npos));
  said_step_ = row_.step;
}

void Progress::warning(const std::string& line) {
  tell(line);
}

void Progress::finish() {
  keep_line();
}

double Progress::seconds_left() const {
  if (row_.step <= first_step_) return 0;  // no step was left to train
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  return seconds / static_cast<double>(row_.step - first_step_) *
         static_cast<double>(total_steps_ - row_.step);
}

std::string Progress::line(std::size_t columns) const {
  const std::string losses = fmt::format("epoch {:.1f}/{}  loss D {:.3f} G {:.3f}", row_.epoch,
                                         epochs_, row_.loss_d, row_.loss_g);
  const std::string judgement = judgement_text(judgement_, row_);
  const std::string speed =
      fmt::format("  {} images/s", grouped(static_cast<std::int64_t>(row_.images_per_s)));
  const std::string left = fmt::format("  {} left", duration_text(seconds_left()));
  // A narrow terminal gets fewer parts.
  if (losses.size() + judgement.size() + speed.size() + left.size() <= columns)
    return losses + judgement + speed + left;
  return losses.size() + speed.size() + left.size() <= columns ? losses + speed + left
                                                               : losses + left;
}

}  // namespace gan::cli
