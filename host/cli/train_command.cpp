#include "host/cli/train_command.h"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "gan_version.h"
#include "host/base/atomic_file.h"
#include "host/base/printable.h"
#include "host/base/stopwatch.h"
#include "host/cli/command.h"
#include "host/cli/explore_command.h"
#include "host/cli/messages.h"
#include "host/cli/progress.h"
#include "host/cli/signals.h"
#include "host/cli/together.h"
#include "host/cli/train_start.h"
#include "host/eval/run_evaluator.h"
#include "host/train/event_log.h"
#include "host/train/run_report.h"
#include "host/train/trainer.h"

namespace gan::cli {
namespace {

namespace fs = std::filesystem;

std::string shape_text(const model::NetworkShape& shape) {
  std::string text = std::to_string(shape.inputs());
  for (const model::Layer& layer : shape.layers) text += "-" + std::to_string(layer.out);
  return text;
}

void profile(run::StepRange steps, const run::RunSpec& spec, train::Engine& engine) {
  if (steps.first <= engine.step() || steps.last > spec.total_steps())
    throw base::UsageError(fmt::format("--profile-steps: this run has the steps {} to {}",
                                       engine.step() + 1, spec.total_steps()));
  engine.profile(steps);
}

std::string opening(const run::RunSpec& spec, const data::DataSource& source,
                    const train::Engine& engine, const run::RunFolder& folder) {
  return fmt::format(
      "{} on {}, {} ({} {}): G {}, D {}, batch {}, {} epochs -> {}",
      engine.step() > 0 ? fmt::format("resuming at step {}", engine.step()) : "training",
      engine.device_name(), source.name(), spec.data.count,
      spec.data.count == 1 ? "image" : "images", shape_text(spec.generator()),
      shape_text(spec.discriminator()), spec.batch, spec.epochs, folder.path().string());
}

// The step of the last row of metrics that a run keeps when it resumes after `step`: rows of full
// windows stay.
std::int64_t last_row(const run::RunSpec& spec, std::int64_t step) {
  return step / spec.log_every * spec.log_every;
}

io::MetricsFile open_metrics(const run::RunFolder& folder, const run::RunSpec& spec,
                             std::int64_t step) {
  if (step == 0) return io::MetricsFile::create(folder.metrics());
  return io::MetricsFile::resume(folder.metrics(), last_row(spec, step));
}

// Warns of settings that are known to fail.
void warn_of_settings(const run::RunSpec& spec) {
  if (spec.beta1 <= 0.5 && spec.real_label == 1 && spec.r1 == 0 && spec.r2 == 0)
    tell(
        fmt::format("with --beta1 {} networks like these collapse; 0.9 does well, or the penalties "
                    "--r1 0.3 --r2 0.3, or a --real-label of 0.9",
                    spec.beta1));
}

// A run without its engine.
struct Run {
  const run::RunSpec& spec;
  const run::RunFolder& folder;
  eval::SampleEvaluator* evaluator;  // null: the run is not evaluated
  std::optional<double> train_seconds;
};

// Whether a resumed run must begin with the evaluation of its last step.  It must when it was
// stopped during that evaluation, but not when it had no evaluations before.
bool owes_evaluation(const Run& run, std::int64_t step, bool evaluated) {
  const std::int64_t each = run.spec.eval_every * run.spec.steps_per_epoch();
  return run.evaluator != nullptr && !evaluated && step > 0 && step < run.spec.total_steps() &&
         step % each == 0 && fs::exists(run.folder.evaluations());
}

// Writes a page to explore the generator when the run is finished.
class RunLog final : public train::EventLog {
 public:
  RunLog(const Run& run, io::EventFile& events, train::Observer& next)
      : EventLog(run.spec, events, next), run_(run) {}

  void finished(const io::TensorFile& generator) override {
    constexpr std::size_t kMostParameters = 10'000'000;  // a page of 27 MB
    if (run_.spec.generator().parameters() > kMostParameters) return;
    const ImageSize image{run_.spec.data.height, run_.spec.data.width};
    base::write_file(run_.folder.explore(),
                     std::string_view(explore_page(generator, image, "", 1)));
  }

 private:
  const Run& run_;
};

train::Outcome train_run(const Run& run, train::Engine& engine, train::Observer& observer,
                         const eval::Notify& say) {
  const std::int64_t step = engine.step();
  io::MetricsFile metrics = open_metrics(run.folder, run.spec, step);
  // Evaluations of earlier steps stay; that of this step stays if it was completed.
  const bool evaluated =
      run.evaluator != nullptr && step > 0 && train::was_evaluated(run.folder, run.spec, step);
  const bool owed = owes_evaluation(run, step, evaluated);
  const std::int64_t last_evaluated = evaluated || run.evaluator == nullptr ? step : step - 1;
  io::EventFile events(run.folder.path(), [&](std::int64_t at, const std::string& tag) {
    // Sheets of a run that ended within an epoch are removed, as they are in the folder.
    if (train::is_of_sheet(tag) && at % run.spec.steps_per_epoch() != 0) return false;
    return step > 0 && at <= (train::is_of_row(tag)     ? last_row(run.spec, step)
                              : train::is_of_sheet(tag) ? step
                                                        : last_evaluated);
  });
  RunLog log(run, events, observer);
  std::unique_ptr<train::Evaluator> evaluator;
  if (run.evaluator != nullptr)
    evaluator = std::make_unique<eval::RunEvaluator>(
        run.spec, *run.evaluator, run.folder, last_evaluated, events,
        eval::RunMessages{say, [](const std::string& line) { tell(line); }});
  return train::train(run.spec, engine, run.folder, metrics, log, stop_on_signals(),
                      {evaluator.get(), run.train_seconds, evaluated ? step : -1, owed});
}

train::Outcome train_as_told(const Run& run, train::Engine& engine, bool quiet) {
  if (quiet) {
    Silence silence;
    return train_run(run, engine, silence, [](const std::string&) {});
  }
  Progress progress(run.spec, engine.step());
  const train::Outcome outcome =
      train_run(run, engine, progress, [](const std::string& line) { say(line); });
  progress.finish();
  return outcome;
}

// The result as a line of JSON.  `failure` is the reason of a failure, or empty.
std::string result_json(const run::RunFolder& folder, const char* outcome, std::int64_t step,
                        double seconds, const std::string& failure = {}) {
  nlohmann::ordered_json result = {
      {"run", folder.path().string()}, {"outcome", outcome}, {"step", step}, {"seconds", seconds}};
  if (!failure.empty()) result["failure"] = failure;
  const std::vector<io::MetricsRow> rows = io::read_metrics(folder.metrics());
  if (!rows.empty())
    result.update({{"epoch", rows.back().epoch},
                   {"loss_g", rows.back().loss_g},
                   {"loss_d", rows.back().loss_d},
                   {"images_per_s", rows.back().images_per_s}});
  return result.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

// The run has failed already, so a failure to report it is not reported.
void tell_failure(const run::RunFolder& folder, std::int64_t step, double seconds,
                  const std::string& failure) noexcept {
  try {
    fmt::print("{}\n", result_json(folder, "failed", step, seconds, failure));
  } catch (const std::exception&) {
  }
}

// Trains, and prints the line of JSON of a run that fails, too.
train::Outcome train_for_programs(const Run& run, train::Engine& engine, const CommandLine& line,
                                  const base::Stopwatch& clock) {
  try {
    return train_as_told(run, engine, line.quiet);
  } catch (const std::exception& failure) {
    tell_failure(run.folder, engine.step(), clock.seconds(), base::reason_of(failure));
    throw;
  }
}

// Trains and prints the progress and the result.  Returns the exit code.
int train_and_tell(const Run& run, train::Engine& engine, const CommandLine& line) {
  const base::Stopwatch clock(0);
  const train::Outcome outcome = line.json ? train_for_programs(run, engine, line, clock)
                                           : train_as_told(run, engine, line.quiet);
  const double seconds = clock.seconds();
  const std::string folder = run.folder.path().string();
  if (line.json)
    fmt::print("{}\n",
               result_json(run.folder, outcome == train::Outcome::finished ? "finished" : "stopped",
                           engine.step(), seconds));
  else if (!line.quiet && outcome == train::Outcome::finished)
    say_on_stdout(fmt::format("{}: {} steps in {}", folder, engine.step(), duration_text(seconds)));
  if (outcome == train::Outcome::finished) return 0;
  if (!line.quiet)
    say(fmt::format("stopped at step {}; resume with: gan_cuda --resume {}", engine.step(),
                    folder));
  return 128 + stopping_signal();
}

// The rest of the run, on the first or only rank.  Returns the exit code.
int carry_out(Start& start) {
  const CommandLine& line = start.line;
  const run::RunSpec& spec = start.spec;
  const std::unique_ptr<eval::SampleEvaluator> evaluator = eval::make_sample_evaluator(
      spec, *start.source, [](const std::string& what) { renew_line("gan_cuda: " + what); },
      stop_flag());
  const std::optional<double> train_seconds = start.resumed
                                                  ? start.resumed->checkpoint->train_seconds
                                              : evaluator ? std::optional(0.0)
                                                          : std::nullopt;
  if (start.resumed) start.resumed->checkpoint.reset();  // frees its memory
  const run::RunFolder folder = begin_folder(start, train_seconds);
  if (!line.quiet) {
    warn_of_settings(spec);
    say(opening(spec, *start.source, *start.engine, folder));
  }
  return train_and_tell({spec, folder, evaluator.get(), train_seconds}, *start.engine, line);
}

int train_alone(Start& start) {
  describe(start, nullptr);
  resolve(start, nullptr);
  start_engine(start, nullptr);
  if (start.line.profiled) profile(*start.line.profiled, start.spec, *start.engine);
  return carry_out(start);
}

// The settings that must be equal on all ranks: all but their threads and GPU.
std::string text_of(run::RunSpec spec) {
  spec.threads = spec.device.number = 0;
  nlohmann::json text = to_json(spec);
  return text.dump() + GAN_VERSION + GAN_COMMIT;
}

// Rank 0 leads the others from the first step on.
int train_together(Start& start, const ranks::Ranks& ranks, int argc, const char* const* argv) {
  const auto unless_answered = [&start](const auto& step) {
    return [&start, step] {
      if (start.line.answer.empty()) step();
    };
  };
  const std::function<void()> steps[] = {
      [&] {
        start.line = parse_command_line(argc, argv);
        base::require(!start.line.profiled, "--profile-steps cannot be used with several ranks");
      },
      unless_answered([&] { describe(start, &ranks); }),
      [&] { require_equal(ranks, "settings", start.line.answer + text_of(start.spec)); },
      unless_answered([&] { resolve(start, &ranks); }),
      [&] { require_equal(ranks, "training images", text_of(start.spec)); },
      unless_answered([&] { start.exchange = train::make_exchange(start.spec, ranks); }),
      unless_answered([&] { start_engine(start, &ranks); })};
  if (const auto code = carry_out_on_all(ranks, steps)) return *code;
  if (!start.line.answer.empty()) {
    if (ranks.self().is_first()) fmt::print("{}", start.line.answer);
    return 0;
  }
  return with_all_ranks(ranks, [&] {
    if (!ranks.self().is_first()) {
      train::follow(*start.engine, ranks, stop_on_signals());
      return 0;
    }
    start.engine =
        std::make_unique<train::LeadingEngine>(std::move(start.engine), ranks, request_stop);
    return carry_out(start);
  });
}

}  // namespace

int train_command(int argc, const char* const* argv) {
  const ranks::Ranks ranks;
  if (const auto code = code_of_trouble(ranks)) return *code;
  Start start;
  if (!ranks.self().is_alone()) return train_together(start, ranks, argc, argv);
  start.line = parse_command_line(argc, argv);
  if (!start.line.answer.empty()) {
    fmt::print("{}", start.line.answer);
    return 0;
  }
  return train_alone(start);
}

}  // namespace gan::cli
