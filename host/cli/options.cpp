#include "host/cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>

#include "gan_version.h"
#include "host/base/printable.h"
#include "host/cli/command.h"
#include "host/cli/numbers.h"
#include "host/cli/run_options.h"
#include "host/gpu/nccl_exchange.h"
#include "host/ranks/ranks.h"
#include "host/run/recipes.h"

namespace gan::cli {
namespace {

using run::Group;

// An option of the command line that is not part of the run.
struct CommandOption {
  std::string_view name, placeholder;
  Group group;
  std::string_view help;
};
constexpr CommandOption kCommandOptions[] = {
    {"config", "FILE", Group::start,
     "Settings from a file, over the recipe's: a changed copy of a recipe (.toml) or the "
     "config.json of a run. A file that names a recipe replaces that of --recipe"},
    {"lr", "X", Group::training, "Learning rate of both networks; --lr-g and --lr-d overrule it"},
    {"out", "DIR", Group::output, "Folder of the run (by default runs/<date-time>)"},
    {"resume", "DIR", Group::output,
     "Resume the run in this folder, bit for bit; or from this checkpoint in it, and drop what "
     "came later"},
    {"profile-steps", "FIRST:LAST", Group::output,
     "The steps that nsys or ncu is to record (see tools/profile)"},
    {"quiet", "", Group::output, "Print nothing but errors"},
    {"json", "", Group::output, "At the end, print the result as one line of JSON"},
    {"version", "", Group::output, "Print the version and exit"},
    {"help", "", Group::output, "Print this help and exit"},
};

std::string help_of(std::string_view command_option) {
  return std::string(
      std::ranges::find(kCommandOptions, command_option, &CommandOption::name)->help);
}

struct GroupTitle {
  Group group;
  const char* title;
};
constexpr GroupTitle kGroups[] = {{Group::start, "Settings to begin with"},
                                  {Group::networks, "Networks"},
                                  {Group::loss, "Loss"},
                                  {Group::training, "Training"},
                                  {Group::device, "Data and device"},
                                  {Group::evaluation, "Evaluation (see gan_cuda eval --help)"},
                                  {Group::output, "Output"}};

const char* title_of(Group group) {
  return std::ranges::find(kGroups, group, &GroupTitle::group)->title;
}

constexpr const char* kDescription =
    "Trains the original GAN (Goodfellow et al. 2014) on MNIST, on a GPU or a CPU.\n"
    "\n"
    "Commands, each with a --help of its own:\n"
    "  train        train a GAN; this is what gan_cuda does without a command\n"
    "  eval         measure how good samples are\n"
    "  sample       draw a sheet of samples\n"
    "  explore      write a page to play with a generator in a browser\n"
    "  interpolate  draw the way from one sample to another\n"
    "  convert      write weights in another format\n"
    "  info         show what a run or a file of weights holds\n"
    "  sweep        train and evaluate several configurations\n"
    "  bench        time the training step\n"
    "\n"
    "Examples:\n"
    "  gan_cuda --batch 128 --epochs 100\n"
    "  gan_cuda --recipe best --seed 7 --out runs/best\n"
    "  gan_cuda --resume runs/best --epochs 500\n"
    "\n"
    "Ctrl-C finishes the step, writes a checkpoint and stops.\n";

// What this build cannot do together with other processes; empty if there is nothing.
std::string what_is_missing() {
  if (!ranks::has_mpi())
    return "\nThis build has no MPI, so mpirun cannot share a run or a sweep (docs/scale.md).\n";
  if (!gpu::has_nccl())
    return "\nThis build has no NCCL, so ranks share a run on CPUs only (docs/scale.md).\n";
  return "";
}

// Reads "FIRST:LAST".
run::StepRange step_range(const std::string& text) {
  run::StepRange range{0, 0};
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, range.first);
  if (first.ec == std::errc() && first.ptr != end && *first.ptr == ':') {
    const auto last = std::from_chars(first.ptr + 1, end, range.last);
    if (last.ec == std::errc() && last.ptr == end && 1 <= range.first && range.first <= range.last)
      return range;
  }
  throw base::UsageError(
      "--profile-steps takes FIRST:LAST, step numbers from 1 on, FIRST at most LAST, not \"" +
      text + "\"");
}

void add_command_options(CLI::App& app, CommandLine& line) {
  const auto in_its_group = [](CLI::Option* option, std::string_view name) {
    const auto* const known = std::ranges::find(kCommandOptions, name, &CommandOption::name);
    option->description(help_of(name))->group(title_of(known->group));
    if (!known->placeholder.empty()) option->type_name(std::string(known->placeholder));
  };
  in_its_group(app.add_option("--config", line.config), "config");
  in_its_group(app.add_option_function<double>("--lr", [&line](double rate) { line.rate = rate; })
                   ->transform(number<double>()),
               "lr");
  in_its_group(app.add_option("--out", line.out), "out");
  in_its_group(app.add_option("--resume", line.resume), "resume");
  in_its_group(app.add_option_function<std::string>(
                   "--profile-steps",
                   [&line](const std::string& text) { line.profiled = step_range(text); }),
               "profile-steps");
  in_its_group(app.add_flag("--quiet", line.quiet), "quiet");
  in_its_group(app.add_flag("--json", line.json), "json");
  in_its_group(app.set_version_flag("--version", "gan_cuda " GAN_VERSION " (" GAN_COMMIT ")"),
               "version");
  in_its_group(app.set_help_flag("-h,--help"), "help");
}

// "`--batch N`", "`--shuffle`, `--no-shuffle`"
std::string name_in_markdown(std::string_view name, const std::string& placeholder,
                             bool is_switch) {
  if (is_switch) return fmt::format("`--{}`, `--no-{}`", name, name);
  return fmt::format("`--{}{}{}`", name, placeholder.empty() ? "" : " ", placeholder);
}

std::string row_in_markdown(const std::string& name, const std::string& value, std::string help) {
  for (std::size_t i = help.find('|'); i != std::string::npos; i = help.find('|', i + 2))
    help.insert(i, "\\");
  return fmt::format("| {} | {} | {} |\n", name, value, help);
}

}  // namespace

CommandLine parse_command_line(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app(kDescription + what_is_missing(), "gan_cuda");
  prepare(app);
  std::vector<std::pair<const run::Option*, const CLI::Option*>> added;
  for (const auto& [group, title] : kGroups)
    for (const run::Option& option : run::options())
      if (option.group == group)
        added.emplace_back(&option, add_run_option(app, option, line.values)->group(title));
  add_command_options(app, line);
  try {
    parse_options(app, argc, argv);
  } catch (const CLI::CallForHelp&) {
    line.answer = app.help();
  } catch (const CLI::CallForVersion& version) {
    line.answer = std::string(version.what()) + "\n";
  }
  for (const auto& [option, on_line] : added)
    if (on_line->count() > 0) line.given.push_back(option);
  if (!line.out.empty() && !line.resume.empty() && line.out != line.resume)
    throw base::UsageError("--out and --resume name two folders; a resumed run stays in its own");
  return line;
}

DescribedRun described_run(const CommandLine& line, const run::RunSpec& defaults) {
  DescribedRun run{defaults, ""};
  run::RunSpec& spec = run.spec;
  const auto is_given = [&](std::string_view name) {
    return std::ranges::any_of(line.given, [&](const auto* o) { return o->name == name; });
  };
  const std::string& recipe = line.values.recipe;
  if (is_given("recipe")) run::apply_recipe(spec, recipe);
  if (!line.config.empty()) run::apply_config(spec, defaults, line.config);
  if (is_given("recipe") && spec.recipe != recipe)
    run.notice = fmt::format("{} begins with recipe {}, so --recipe {} changes nothing",
                             line.config, base::printable(spec.recipe), recipe);
  if (line.rate) spec.rate_g = spec.rate_d = *line.rate;
  for (const run::Option* const option : line.given)
    if (option->name != "recipe") run::copy_value(*option, line.values, spec);
  return run;
}

std::string options_in_markdown(Group group) {
  std::string rows = "| option | default | |\n|---|---|---|\n";
  const run::RunSpec defaults;
  for (const run::Option& option : run::options())
    if (option.group == group)
      rows += row_in_markdown(
          name_in_markdown(option.name, placeholder_of(option), placeholder_of(option).empty()),
          run::text_of(option, defaults), help_of(option));
  for (const CommandOption& option : kCommandOptions)
    if (option.group == group)
      rows += row_in_markdown(name_in_markdown(option.name, std::string(option.placeholder), false),
                              "", std::string(option.help));
  return rows;
}

}  // namespace gan::cli
