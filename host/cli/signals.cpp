#include "host/cli/signals.h"

#include <csignal>

namespace gan::cli {
namespace {

// Static, because a signal handler can reach nothing else.
std::atomic<bool> stop{false};
std::atomic<int> received{0};
std::atomic<bool> is_owned{false};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void handle(int signal) {
  int none = 0;
  received.compare_exchange_strong(none, signal);
  stop = true;
  // When a terminal closes, the system and the shell may both send SIGHUP.  The second one must not
  // end the program before its checkpoint.
  if (signal == SIGHUP || is_owned) return;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

const std::atomic<bool>& stop_on_signals() {
  static const bool installed = [] {
    sigset_t blocked;
    is_owned = sigprocmask(SIG_BLOCK, nullptr, &blocked) == 0 && sigismember(&blocked, SIGINT) == 1;
    std::signal(SIGINT, handle);
    std::signal(SIGTERM, handle);
    struct sigaction before = {};
    if (sigaction(SIGHUP, nullptr, &before) == 0 && before.sa_handler != SIG_IGN)
      std::signal(SIGHUP, handle);
    return true;
  }();
  static_cast<void>(installed);
  return stop;
}

void request_stop() {
  int none = 0;
  received.compare_exchange_strong(none, SIGTERM);
  stop = true;
}

const std::atomic<bool>& stop_flag() {
  return stop;
}

int stopping_signal() {
  return received;
}

}  // namespace gan::cli
