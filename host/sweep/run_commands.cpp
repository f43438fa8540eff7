#include "host/sweep/run_commands.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>

#include "host/gpu/cuda_devices.h"
#include "host/ranks/launcher.h"
#include "host/run/run_folder.h"
#include "host/train/engine.h"
#include "host/train/run_report.h"

namespace gan::sweep {
namespace {

namespace fs = std::filesystem;

// This very program, even when a build has put another in its place meanwhile.
constexpr const char* kSelf = "/proc/self/exe";

Command evaluation(const SweepRun& run) {
  const run::RunSpec& spec = run.configuration->spec;
  Command command{kSelf,
                  {"gan_cuda", "eval", run.folder.string(), "--json", "--device",
                   run::name_of(spec.device), "--count", std::to_string(spec.eval_count),
                   "--image-size", std::to_string(spec.data.image_size)},
                  evaluated(run),
                  run.log()};
  const auto add = [&](const char* option, const std::string& value) {
    command.arguments.insert(command.arguments.end(), {option, value});
  };
  if (!spec.data.source.empty()) add("--data", spec.data.source);
  const auto& groups = run.configuration->groups;
  if (!groups.empty()) add("--measures", fmt::format("{}", fmt::join(groups, ",")));
  if (is_on_cpu(run)) add("--threads", "1");
  return command;
}

Command training(const SweepRun& run, const fs::path& configuration) {
  Command command{kSelf, {"gan_cuda", "train", "--quiet"}, "/dev/null", run.log()};
  const auto add = [&](std::initializer_list<std::string> more) {
    command.arguments.insert(command.arguments.end(), more);
  };
  if (fs::exists(run.folder / "checkpoint.safetensors")) {
    add({"--resume", run.folder.string()});
  } else {
    add({"--config", configuration.string(), "--seed", std::to_string(run.seed), "--out",
         run.folder.string()});
    if (is_on_cpu(run)) add({"--threads", "1"});
  }
  return command;
}

// Runs are no ranks.  One that leaves the GPU open has that of its rank.
std::vector<std::string> environment_of(const SweepRun& run, const ranks::Rank& rank) {
  std::vector<std::string> variables = ranks::environment_without_launcher();
  const bool chooses = run.configuration->spec.device.kind == run::Device::Kind::automatic;
  if (const int gpus = gpu::cuda_devices().count; !rank.is_alone() && chooses && gpus > 0) {
    constexpr const char* kVisible = "CUDA_VISIBLE_DEVICES";
    std::erase_if(variables, [](const std::string& variable) {
      return variable.starts_with(std::string(kVisible) + "=");
    });
    variables.push_back(
        fmt::format("{}={}", kVisible, ranks::gpu_of(rank.local, gpus, std::getenv(kVisible))));
  }
  return variables;
}

}  // namespace

fs::path evaluated(const SweepRun& run) {
  return run.folder / "evaluation.part";
}

bool is_on_cpu(const SweepRun& run) {
  return train::resolve_device(run.configuration->spec.device) == run::kCpu;
}

// What cannot be read is left to the run's own training, which fails and says why.
bool is_trained(const SweepRun& run) {
  if (!fs::exists(run.folder / "checkpoint.safetensors")) return false;
  try {
    const run::RunFolder folder = run::RunFolder::at(run.folder);
    const run::Checkpoint there = run::load_checkpoint(folder.checkpoint());
    return there.step >= there.spec.total_steps() && train::is_finished(folder, there.spec);
  } catch (const std::runtime_error&) {
    return false;
  }
}

Command command_of(const SweepRun& run, const ranks::Rank& rank, const fs::path& configuration) {
  Command command = run.stage == Stage::evaluation ? evaluation(run) : training(run, configuration);
  command.environment = environment_of(run, rank);
  command.inherited = run.claim->descriptor();
  // mpirun kills the process groups of its ranks a second after it asked them to end.
  if (!rank.is_alone()) command.group = Group::own;
  return command;
}

}  // namespace gan::sweep
