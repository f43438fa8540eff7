// Ctrl-C and kill, as a flag that the training loop looks at.
#pragma once
#include <atomic>

namespace gan {

// From now on SIGINT and SIGTERM set the flag; a second one ends the program at once.
const std::atomic<bool>& stop_on_signals();

// The signal that set the flag, 0 if none did.
int stopping_signal();

}  // namespace gan
