#include "host/cli/bench_command.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "gan_version.h"
#include "host/bench/bench.h"
#include "host/cli/command.h"
#include "host/cli/messages.h"
#include "host/cli/numbers.h"
#include "host/cli/run_options.h"
#include "host/cli/signals.h"
#include "host/cli/sync_latency_report.h"
#include "host/cli/together.h"
#include "host/data/dataset.h"
#include "host/train/cuda_engine.h"

namespace gan::cli {
namespace {

enum class Subject { training, sync_latency };
struct BenchOptions {
  Subject subject = Subject::training;
  run::RunSpec spec;
  bench::BenchPlan plan;
  Format format = Format::table;
  std::string answer;  // the text of --help; if not empty, print it and stop
};

constexpr const char* kTraining = "Training";

// The options of the training to time; --hand-overs refuses them.
void add_training(CLI::App& app, BenchOptions& options) {
  app.option_defaults()->group(kTraining);
  for (const char* const name : {"engine", "precision", "batch", "shards", "reduce", "threads",
                                 "g-hidden", "d-hidden", "ema", "data", "image-size"})
    add_run_option(app, run::option_named(name), options.spec);
  add_number(app, "--iterations", options.plan.iterations,
             "Steps of one repeat (0: as many as take half a second)");
  app.option_defaults()->group("Options");
}

void add_options(CLI::App& app, BenchOptions& options) {
  add_training(app, options);
  app.add_flag_callback(
      "--hand-overs", [&] { options.subject = Subject::sync_latency; },
      "Instead, time how a GPU's multiprocessors synchronise");
  add_run_option(app, run::option_named("device"), options.spec);
  add_number(app, "--repeats", options.plan.repeats, "Repeats, of which the median is taken");
  app.add_flag_callback(
      "--json", [&] { options.format = Format::json; },
      "One JSON object in a line instead of a table");
}

void require_no_training(const CLI::App& app) {
  for (const CLI::Option* const option : app.get_options())
    if (option->get_group() == kTraining && option->count() > 0)
      throw base::UsageError(option->get_name() +
                             " is about training, which --hand-overs does not do");
}

BenchOptions parse_bench(int argc, const char* const* argv) {
  BenchOptions options;
  options.spec.ema = 0;
  CLI::App app("Times the training loop: fresh batches, fresh noise, losses recorded.",
               "gan_cuda bench");
  prepare(app);
  app.footer(
      "Examples:\n"
      "  gan_cuda bench\n"
      "  gan_cuda bench --device cpu --threads 1 --batch 512\n"
      "  gan_cuda bench --engine graph --precision tf32 --json\n"
      "  mpirun -n 4 gan_cuda bench --batch 8192\n"
      "  gan_cuda bench --hand-overs\n"
      "gan_ops_bench times the single operations.");
  add_options(app, options);
  if (const auto help = parse_command(app, argc, argv)) {
    options.answer = *help;
    return options;
  }
  const auto require = [](bool possible, const char* message) {
    if (!possible) throw base::UsageError(message);
  };
  require(options.plan.iterations >= 0, "--iterations must be at least 0");
  require(options.plan.repeats >= 1, "--repeats must be at least 1");
  if (options.subject == Subject::sync_latency) require_no_training(app);
  return options;
}

nlohmann::ordered_json or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
}

nlohmann::ordered_json to_json(const bench::BenchResult& result) {
  const double us = result.us_median();
  const double ms_per_epoch = us * static_cast<double>(result.spec.steps_per_epoch()) * 1e-3;
  nlohmann::ordered_json json = {
      {"engine", run::name_of(result.spec.engine)},
      {"device", result.device},
      {"driver", or_null(result.driver)},
      {"precision", run::name_of(result.spec.precision)},
      {"batch", result.spec.batch},
      {"g_hidden", result.spec.generator_hidden},
      {"d_hidden", result.spec.discriminator_hidden},
      {"ema", result.spec.ema},
      {"iterations", result.iterations},
      {"repeats", result.us.size()},
      {"us_per_iteration", us},
      {"us_spread", result.us_spread()},
      {"us_fastest", result.us.front()},
      {"ms_per_epoch", ms_per_epoch},
      {"seconds_100_epochs", ms_per_epoch * 0.1},
      {"images_per_s", result.spec.data.count / ms_per_epoch * 1e3},
      {"flops_per_iteration", result.work.flops},
      {"bytes_per_iteration", result.work.bytes},
      {"gflops", result.flops_per_s() * 1e-9},
      {"ceiling_gflops", result.ceilings.flops_per_s * 1e-9},
      {"share_of_peak", result.flops_per_s() / result.ceilings.flops_per_s},
      {"ceiling_gb_per_s", result.ceilings.bytes_per_s * 1e-9},
      {"share_of_copy", result.work.bytes / us * 1e6 / result.ceilings.bytes_per_s},
      {"launches_per_iteration", result.launches_per_iteration},
      {"version", GAN_VERSION},
      {"commit", GAN_COMMIT}};
  if (const auto& shared = result.shared)
    json.update({{"ranks", shared->ranks},
                 {"shards", result.spec.shards},
                 {"reduce", run::name_of(result.spec.reduce)},
                 {"us_exchange",
                  shared->exchange_us ? nlohmann::ordered_json(*shared->exchange_us) : nullptr},
                 {"bytes_exchanged", shared->bytes},
                 {"us_alone", shared->us_alone},
                 {"efficiency", shared->efficiency(us)}});
  return json;
}

std::string table(const bench::BenchResult& result) {
  const double us = result.us_median();
  const double epoch = us * static_cast<double>(result.spec.steps_per_epoch()) * 1e-6;
  std::string text = fmt::format("{}{}, engine {}, {}, batch {}\n", result.device,
                                 result.driver.empty() ? "" : ", driver for CUDA " + result.driver,
                                 run::name_of(result.spec.engine),
                                 run::name_of(result.spec.precision), result.spec.batch);
  const auto row = [&text](const char* what, double value, const std::string& unit) {
    text += fmt::format("{:<22}{:>12.{}f} {}\n", what, value, value < 1000 ? 3 : 0, unit);
  };
  row("time of an iteration", us,
      fmt::format("us ± {:.3f} (median of {} × {}, half the distance of the quartiles)",
                  result.us_spread(), result.us.size(), result.iterations));
  row("  of an epoch", epoch, "s");
  row("  of 100 epochs", 100 * epoch, "s");
  row("images", result.spec.data.count / epoch, "/s");
  row("matrix products", result.flops_per_s() * 1e-9,
      fmt::format("GFLOP/s of {:.1f} MFLOP; {:.1f} % of a large product's {:.0f} GFLOP/s",
                  result.work.flops * 1e-6,
                  100 * result.flops_per_s() / result.ceilings.flops_per_s,
                  result.ceilings.flops_per_s * 1e-9));
  const double bytes_per_s = result.work.bytes / us * 1e6;
  row("memory", bytes_per_s * 1e-9,
      fmt::format("GB/s of {:.2f} MB at least; {:.1f} % of a copy's {:.0f} GB/s in the caches",
                  result.work.bytes * 1e-6, 100 * bytes_per_s / result.ceilings.bytes_per_s,
                  result.ceilings.bytes_per_s * 1e-9));
  if (result.shared) {
    const bench::SharedStep& shared = *result.shared;
    if (shared.exchange_us) row("exchange", *shared.exchange_us, "us of it, with waiting");
    row("from other ranks", shared.bytes * 1e-6, "MB an iteration");
    row("one rank alone", shared.us_alone,
        fmt::format("us: {} ranks are {:.2f} times as fast, an efficiency of {:.0f} %",
                    shared.ranks, shared.us_alone / us, 100 * shared.efficiency(us)));
  }
  if (result.launches_per_iteration > 0)
    text +=
        fmt::format("{:<22}{:>12.3g} an iteration\n", "launches", result.launches_per_iteration);
  return text;
}

std::string bench_sync_latency(BenchOptions options) {
  run::RunSpec& spec = options.spec;
  const gpu::CudaDevices gpus = gpu::cuda_devices();
  if (spec.device == run::kCpu || gpus.count == 0)
    throw base::UsageError("--hand-overs needs a GPU: " +
                           (spec.device == run::kCpu ? "--device cpu names none" : gpus.why_none));
  const int gpu = train::resolve_device(spec.device).number;
  spec.data.height = spec.data.width = 28;  // MNIST's
  const bench::SyncLatencyResult result = bench::measure_sync_latency(
      gpu,
      {.repeats = options.plan.repeats, .persistent_shared_bytes = train::fused_block_bytes(spec)});
  return options.format == Format::json ? cli::to_json(result).dump() + "\n" : cli::table(result);
}

std::string text_of(const BenchOptions& options, const bench::BenchResult& result) {
  return options.format == Format::json ? to_json(result).dump() + "\n" : table(result);
}

std::string bench_training(const BenchOptions& options) {
  const run::DataSpec& asked = options.spec.data;
  const data::DataSource source = open_data(asked.source, asked.image_size);
  if (!source.notice().empty()) tell(source.notice());
  const auto [images, found] = load_training_images(source, asked, options.spec.conditional);
  return text_of(options, bench::bench(train::resolve(options.spec, found), images, options.plan));
}

// All ranks call this; rank 0 measures.
int bench_together(const ranks::Ranks& ranks, int argc, const char* const* argv) {
  const ranks::Rank& self = ranks.self();
  BenchOptions options;
  TrainingImages loaded;
  run::RunSpec spec;
  std::unique_ptr<train::Exchange> exchange;
  std::unique_ptr<train::Engine> engine;
  const auto unless_answered = [&options](const auto& step) {
    return [&options, step] {
      if (options.answer.empty()) step();
    };
  };
  const auto resolve = [&] {
    base::require(options.subject == Subject::training, "--hand-overs is for one process alone");
    if (options.spec.shards == 1) options.spec.shards = train::kSharedShards;
    options.spec.device = train::device_of_rank(options.spec.device, self);
    loaded = load_training_images(open_data(options.spec.data.source, options.spec.data.image_size),
                                  options.spec.data, false);
    spec = train::resolve(options.spec, loaded.spec);
    train::require_shareable(spec, ranks);
  };
  const auto start_engine = [&] {
    if (spec.threads == 0) spec.threads = self.cores;
    engine = train::make_engine(spec, loaded.images, *exchange);
  };
  const auto settings = [&] {
    run::RunSpec same = spec;
    same.device.number = 0;
    return options.answer + to_json(same).dump();
  };
  const std::function<void()> steps[] = {
      [&] { options = parse_bench(argc, argv); }, unless_answered(resolve),
      [&] { require_equal(ranks, "settings", settings()); },
      unless_answered([&] { exchange = train::make_exchange(spec, ranks); }),
      unless_answered(start_engine)};
  if (const auto code = carry_out_on_all(ranks, steps)) return *code;
  if (!options.answer.empty()) {
    if (self.is_first()) fmt::print("{}", options.answer);
    return 0;
  }
  return with_all_ranks(ranks, [&] {
    if (!self.is_first()) {
      train::follow(*engine, ranks, stop_flag());
      return 0;
    }
    train::LeadingEngine leading(std::move(engine), ranks, request_stop);
    fmt::print("{}", text_of(options, bench::bench_shared(spec, loaded.images, options.plan,
                                                          leading, *exchange, self.count)));
    return 0;
  });
}

}  // namespace

int bench_command(int argc, const char* const* argv) {
  const ranks::Ranks ranks;
  if (const auto code = code_of_trouble(ranks)) return *code;
  if (!ranks.self().is_alone()) return bench_together(ranks, argc, argv);
  const BenchOptions options = parse_bench(argc, argv);
  if (!options.answer.empty())
    fmt::print("{}", options.answer);
  else
    fmt::print("{}", options.subject == Subject::sync_latency ? bench_sync_latency(options)
                                                              : bench_training(options));
  return 0;
}

}  // namespace gan::cli
