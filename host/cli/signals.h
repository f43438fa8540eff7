// Ctrl-C, kill and a closed terminal, as a flag that the training loop looks at.
#pragma once
#include <atomic>

namespace gan::cli {

// From now on SIGINT, SIGTERM and SIGHUP set the flag; the second SIGINT or SIGTERM ends the
// program at once.  A run of a sweep, where SIGINT is blocked, is not ended by the second one:
// the first may have been for all programs of a group, and the other comes from its sweep.  A
// SIGHUP that was ignored when the program began (nohup) stays so.
const std::atomic<bool>& stop_on_signals();

// That flag, without a change to what signals do.
const std::atomic<bool>& stop_flag();

// Sets that flag as a SIGTERM would.
void request_stop();

// The signal that set the flag, 0 if none did.
int stopping_signal();

}  // namespace gan::cli
