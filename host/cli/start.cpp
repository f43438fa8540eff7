#include "host/cli/start.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <initializer_list>

namespace gan::cli {

void restart_without_blas_threads(char** argv) {
  constexpr const char* kThreads = "OPENBLAS_NUM_THREADS";
  rlimit limit = {};
  if (::getrlimit(RLIMIT_AS, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return;
  if (std::getenv(kThreads) != nullptr || ::setenv(kThreads, "1", 1) != 0) return;
  ::execv("/proc/self/exe", argv);  // if that fails, this process continues
}

void open_standard_streams() {
  for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF) {
      // open() takes the lowest free number, which is this stream's.
      const int opened = ::open("/dev/null", stream == STDIN_FILENO ? O_RDONLY : O_WRONLY);
      if (opened > STDERR_FILENO) ::close(opened);
    }
}

void survive_closed_pipes() {
  std::signal(SIGPIPE, SIG_IGN);
}

}  // namespace gan::cli
