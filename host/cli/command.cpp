#include "host/cli/command.h"

#include "host/model/run_spec.h"

namespace gan {

void prepare(CLI::App& app) {
  app.option_defaults()->always_capture_default()->multi_option_policy(
      CLI::MultiOptionPolicy::TakeLast);
  app.get_formatter()->column_width(34);
}

std::optional<std::string> parse_command(CLI::App& app, int argc, const char* const* argv) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return app.help();
  } catch (const CLI::ParseError& error) {
    throw UsageError(std::string(error.what()) + "; see " + app.get_name() + " --help");
  }
  return std::nullopt;
}

CLI::Option* add_device(CLI::App& app, std::string& device) {
  return app.add_option("--device", device,
                        "Where the large products are computed: auto, cpu, cuda or cuda:N");
}

}  // namespace gan
