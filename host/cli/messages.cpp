#include "host/cli/messages.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "host/base/printable.h"

namespace gan::cli {
namespace {

constexpr std::string_view kClearLine = "\r\033[K";

// Whether the terminal shows a line to renew.  Global, because there is one terminal.
bool line_stands = false;

void write_out(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void put(std::string_view prefix, std::string_view message) noexcept {
  try {
    std::string text;
    if (line_stands) text = kClearLine;
    line_stands = false;
    text.append(prefix)
        .append(base::one_line(message, base::kLongestMessage - prefix.size()))
        .append("\n");
    write_out(STDERR_FILENO, text);
  } catch (const std::exception&) {  // no memory for a message
    write_out(STDERR_FILENO, "gan_cuda: not enough memory\n");
  }
}

}  // namespace

void tell(std::string_view message) noexcept {
  put("gan_cuda: ", message);
}

void say(std::string_view line) noexcept {
  put("", line);
}

bool renews_lines() noexcept {
  const char* const kind = std::getenv("TERM");
  return kind != nullptr && *kind != '\0' && std::string_view(kind) != "dumb" &&
         ::isatty(STDERR_FILENO) == 1;
}

int terminal_columns() noexcept {
  constexpr int kUsual = 80;
  winsize size = {};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsual;
}

void renew_line(std::string_view line) noexcept {
  if (!renews_lines()) return;
  try {
    // Some terminals go to the next line when the last column is filled.
    const auto most = static_cast<std::size_t>(std::max(1, terminal_columns() - 1));
    std::string text = base::one_line(line);
    std::size_t columns = 0, end = 0;
    for (; end < text.size(); ++end)
      if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U && ++columns > most) break;
    write_out(STDERR_FILENO, std::string(kClearLine) + text.substr(0, end));
    line_stands = true;
  } catch (const std::exception&) {  // no memory: the old line stays
  }
}

void keep_line() noexcept {
  if (line_stands) write_out(STDERR_FILENO, "\n");
  line_stands = false;
}

void say_on_stdout(std::string_view line) noexcept {
  try {
    keep_line();
    write_out(STDOUT_FILENO, base::one_line(line) + "\n");
  } catch (const std::exception&) {  // no memory for a message
  }
}

}  // namespace gan::cli
