// Runs the command.  Every error ends here, with one line on stderr and an exit code (0 done,
// 1 failure, 2 usage, 128 + signal when stopped).
#include <sys/prctl.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "host/base/printable.h"
#include "host/cli/bench_command.h"
#include "host/cli/convert_command.h"
#include "host/cli/eval_command.h"
#include "host/cli/explore_command.h"
#include "host/cli/info_command.h"
#include "host/cli/interpolate_command.h"
#include "host/cli/messages.h"
#include "host/cli/sample_command.h"
#include "host/cli/start.h"
#include "host/cli/sweep_command.h"
#include "host/cli/train_command.h"
#include "host/run/nearest_name.h"
#include "host/run/run_spec.h"

namespace {

struct Command {
  std::string_view name;
  int (*run)(int argc, const char* const* argv);
};
constexpr Command kCommands[] = {
    {"bench", gan::cli::bench_command},   {"convert", gan::cli::convert_command},
    {"eval", gan::cli::eval_command},     {"explore", gan::cli::explore_command},
    {"info", gan::cli::info_command},     {"interpolate", gan::cli::interpolate_command},
    {"sample", gan::cli::sample_command}, {"sweep", gan::cli::sweep_command},
    {"train", gan::cli::train_command},
};

gan::base::UsageError no_such_command(const std::string& typed) {
  std::vector<std::string> names;
  std::string all;
  for (const Command& command : kCommands) {
    names.emplace_back(command.name);
    all += (all.empty() ? "" : ", ") + names.back();
  }
  return gan::base::UsageError("there is no command " + typed +
                               gan::run::did_you_mean(typed, names) + "; there are " + all +
                               "; see gan_cuda --help");
}

// The command is the first argument; without one, the program trains.
int run(int argc, char** argv) {
  for (const Command& command : kCommands)
    if (argc > 1 && argv[1] == command.name) return command.run(argc - 1, argv + 1);
  if (argc > 1 && argv[1][0] != '-') throw no_such_command(argv[1]);
  return gan::cli::train_command(argc, argv);
}

// Throws when the output could not be written: a full disk shows only when it is flushed.
void require_printed() {
  if (std::fflush(stdout) != 0)
    throw std::runtime_error(std::string("cannot write to standard output: ") +
                             std::generic_category().message(errno));
}

// Must not throw: nothing catches it.
int fail(int code, const std::exception& error) {
  try {
    gan::cli::tell(gan::base::reason_of(error));
  } catch (const std::exception&) {
    gan::cli::tell("not enough memory");
  }
  return code;
}

// Whether the command may run for hours: training and sweeps must not end because nobody reads
// their messages any more.
bool works_long(int argc, char** argv) {
  return argc < 2 || argv[1][0] == '-' || argv[1] == std::string_view("train") ||
         argv[1] == std::string_view("sweep");
}

}  // namespace

int main(int argc, char** argv) {
  gan::cli::restart_without_blas_threads(argv);
  // Without this, SIGXFSZ would end the program without a message when a file reaches the limit of
  // ulimit -f.  Ignored, the limit is an error like a full disk.
  std::signal(SIGXFSZ, SIG_IGN);
  gan::cli::open_standard_streams();
  // A sweep starts its runs as /proc/self/exe, so they would have the name "exe".
  ::prctl(PR_SET_NAME, "gan_cuda");
  if (works_long(argc, argv)) gan::cli::survive_closed_pipes();
  try {
    const int code = run(argc, argv);
    require_printed();
    return code;
  } catch (const gan::base::UsageError& error) {
    return fail(2, error);
  } catch (const std::exception& error) {
    return fail(1, error);
  }
}
