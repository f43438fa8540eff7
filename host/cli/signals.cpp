#include "host/cli/signals.h"

#include <csignal>

namespace gan {
namespace {

// A signal handler can reach nothing but static storage.
std::atomic<bool> stop{false};
std::atomic<int> received{0};
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<int>::is_always_lock_free);

void handle(int signal) {
  received = signal;
  stop = true;
  std::signal(signal, SIG_DFL);
}

}  // namespace

const std::atomic<bool>& stop_on_signals() {
  std::signal(SIGINT, handle);
  std::signal(SIGTERM, handle);
  return stop;
}

int stopping_signal() {
  return received;
}

}  // namespace gan
