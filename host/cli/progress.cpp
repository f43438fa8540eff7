#include "host/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

namespace gan {
namespace {

// 12,345
std::string grouped(std::int64_t n) {
  return n < 1000 ? std::to_string(n) : fmt::format("{},{:03}", grouped(n / 1000), n % 1000);
}

constexpr const char* kClearLine = "\r\033[K";

}  // namespace

std::string duration_text(double seconds) {
  const auto s = static_cast<std::int64_t>(seconds + 0.5);
  if (s < 60) return fmt::format("{} s", s);
  if (s < 3600) return fmt::format("{} min {} s", s / 60, s % 60);
  return fmt::format("{} h {} min", s / 3600, s / 60 % 60);
}

Progress::Progress(const RunSpec& spec, std::int64_t first_step)
    : total_steps_(spec.total_steps()),
      first_step_(first_step),
      epochs_(spec.epochs),
      pairs_(spec.loss == "relativistic"),
      terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::losses(const MetricsRow& row) {
  row_ = row;
  if (terminal_) fmt::print(stderr, "{}{}", kClearLine, line());
}

void Progress::epoch_done(std::int64_t) {
  if (!terminal_ && row_.step > 0) fmt::print(stderr, "{}\n", line());
}

void Progress::warning(const std::string& line) {
  say("gan_cuda: " + line);
}

void Progress::say(const std::string& text) {
  fmt::print(stderr, "{}{}\n", terminal_ ? kClearLine : "", text);
}

void Progress::finish() {
  if (terminal_) fmt::print(stderr, "\n");
}

double Progress::seconds_left() const {
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  return seconds / static_cast<double>(row_.step - first_step_) *
         static_cast<double>(total_steps_ - row_.step);
}

std::string Progress::line() const {
  const std::string probabilities =
      pairs_ ? fmt::format("P(real over generated) {:.2f}", row_.d_real)
             : fmt::format("D(x) {:.2f}  D(G(z)) {:.2f}", row_.d_real, row_.d_fake);
  return fmt::format("epoch {:.1f}/{}  loss D {:.3f} G {:.3f}  {}  {} images/s  {} left",
                     row_.epoch, epochs_, row_.loss_d, row_.loss_g, probabilities,
                     grouped(static_cast<std::int64_t>(row_.images_per_s)),
                     duration_text(seconds_left()));
}

}  // namespace gan
