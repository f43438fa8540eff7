#include "host/cli/info_command.h"

#include <fmt/format.h>

#include "host/cli/command.h"
#include "host/cli/info.h"

namespace gan::cli {

int info_command(int argc, const char* const* argv) {
  std::filesystem::path path;
  bool json = false;
  CLI::App app("Tells what is in a file of weights or in the folder of a run.", "gan_cuda info");
  prepare(app);
  app.footer(
      "Examples:\n"
      "  gan_cuda info runs/first\n"
      "  gan_cuda info model_G.pth\n"
      "  gan_cuda info runs/first/checkpoint.safetensors --json");
  app.add_option("what", path, "Weights (.safetensors, .pth, .pt), or the folder of a run")
      ->required();
  app.add_flag("--json", json, "One JSON object in a line");
  if (const auto help = parse_command(app, argc, argv)) {
    fmt::print("{}", *help);
    return 0;
  }
  const auto description =
      std::filesystem::is_directory(path) ? describe_run(path) : describe_weights(path);
  fmt::print("{}", json ? as_json(description) : as_text(description));
  return 0;
}

}  // namespace gan::cli
