// Turns Ctrl-C, kill and a closed terminal into a flag that the training loop reads.
#pragma once
#include <atomic>

namespace gan::cli {

// From now on SIGINT, SIGTERM and SIGHUP set the flag, and a second SIGINT or SIGTERM ends the
// program at once.  The second one does not end a run of a sweep, which has SIGINT blocked: the
// first may have been sent to the whole process group, and the second comes from the sweep.  If
// SIGHUP was ignored when the program began (nohup), it stays ignored.
const std::atomic<bool>& stop_on_signals();

// The same flag, without a change to the handling of signals.
const std::atomic<bool>& stop_flag();

// Sets the flag like a SIGTERM.
void request_stop();

// The signal that set the flag, 0 if none did.
int stopping_signal();

}  // namespace gan::cli
