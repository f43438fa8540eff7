// Where every error ends: one line on stderr and an exit code (0 done, 1 failure, 2 usage, 128 +
// signal when stopped).
#include <fmt/format.h>

#include <new>
#include <string_view>

#include "host/cli/bench_command.h"
#include "host/cli/convert_command.h"
#include "host/cli/eval_command.h"
#include "host/cli/info_command.h"
#include "host/cli/interpolate_command.h"
#include "host/cli/sample_command.h"
#include "host/cli/sweep_command.h"
#include "host/cli/train_command.h"

namespace {

struct Command {
  std::string_view name;
  int (*run)(int argc, const char* const* argv);
};
constexpr Command kCommands[] = {
    {"bench", gan::bench_command},
    {"convert", gan::convert_command},
    {"eval", gan::eval_command},
    {"info", gan::info_command},
    {"interpolate", gan::interpolate_command},
    {"sample", gan::sample_command},
    {"sweep", gan::sweep_command},
    {"train", gan::train_command},
};

// The command is the first argument; without one it is to train.
int run(int argc, char** argv) {
  for (const Command& command : kCommands)
    if (argc > 1 && argv[1] == command.name) return command.run(argc - 1, argv + 1);
  return gan::train_command(argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const gan::UsageError& error) {
    fmt::print(stderr, "gan_cuda: {}\n", error.what());
    return 2;
  } catch (const std::bad_alloc&) {
    fmt::print(
        stderr,
        "gan_cuda: not enough memory; use a smaller --batch, smaller networks or fewer images\n");
    return 1;
  } catch (const std::exception& error) {
    fmt::print(stderr, "gan_cuda: {}\n", error.what());
    return 1;
  }
}
